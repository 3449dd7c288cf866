"""A federation of one node for each agency, as a world begins: keys, ceremony, directory."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from comity.adapters.founding import Founding, found
from comity.adapters.memory import SeededEntropy
from comity.core.clock import DAY, Instant
from comity.core.ids import AgencyId, MemberId, NodeId, member_id
from comity.ledger import KeyType, Verifier
from comity.seal import SUITE, Prekey, SigningKey
from comity.trust import (
    AgencyEntry,
    DatedKey,
    Directory,
    MemberDocument,
    NodeEntry,
    Sort,
    verify_directory,
)


@dataclass(slots=True, kw_only=True)
class Keys:
    """The keys of one node; only the prekey changes."""

    node: SigningKey
    agency: SigningKey
    log: SigningKey
    prekey: Prekey
    secret: bytes

    @classmethod
    def make(cls, entropy: SeededEntropy) -> "Keys":
        """Make the keys of one node."""
        return cls(
            node=SigningKey.generate(entropy),
            agency=SigningKey.generate(entropy),
            log=SigningKey.generate(entropy),
            prekey=Prekey.generate(entropy),
            secret=entropy.take(32),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What a federation is when its nodes open; nobody who takes it may change it."""

    entropy: SeededEntropy
    founding: Founding
    keys: Mapping[AgencyId, Keys]
    files: Mapping[str, bytes]
    directory: Directory


@lru_cache(maxsize=64)
def begin(agencies: tuple[AgencyId, ...], seed: bytes, at: Instant) -> Beginning:
    """Hold the ceremony, once for each choice: from one seed it gives the same every time."""
    entropy = SeededEntropy(seed)
    members = tuple(dict.fromkeys(member_id(agency.partition(".")[0]) for agency in agencies))
    founding = found(members, at=at, entropy=entropy)
    keys = {agency: Keys.make(entropy) for agency in agencies}
    documents = {member: _document(member, keys, founding, at=at) for member in members}
    files = founding.publish(documents, at=at)
    directory = verify_directory(files, root=founding.root, at=at)
    return Beginning(
        entropy=entropy, founding=founding, keys=keys, files=files, directory=directory
    )


def _document(
    member: MemberId, keys: dict[AgencyId, Keys], founding: Founding, *, at: Instant
) -> MemberDocument:
    own = {agency: held for agency, held in keys.items() if agency.startswith(f"{member}.")}
    since = Instant(at - DAY)
    return MemberDocument(
        member=member,
        name=member.upper(),
        agencies=tuple(
            AgencyEntry(
                agency=agency,
                name=agency,
                sort=Sort.POLICE,
                keys=(DatedKey(key=held.agency.public, since=since),),
            )
            for agency, held in own.items()
        ),
        nodes=tuple(
            _entry(agency, held, founding.federation, since=since)
            for agency, held in own.items()
        ),
    )


def _entry(agency: AgencyId, held: Keys, federation: str, *, since: Instant) -> NodeEntry:
    node = NodeId(f"{agency}.n1")
    origin = f"{federation}/log/{node}/1"
    verifier = Verifier(name=origin, type=KeyType.ED25519, key=held.log.public)
    return NodeEntry(
        node=node,
        url="http://127.0.0.1:1",
        agencies=frozenset({agency}),
        suites=frozenset({SUITE}),
        kinds=frozenset(),
        origin=origin,
        log_vkeys=(verifier.text,),
        keys=(DatedKey(key=held.node.public, since=since),),
    )
