"""The long-lived keys of a node, each use in generations: the one in use, the next, the last.

A use is `node`, `agency/<id>`, `log` or `witness`. One key, one use; the next one is made long
before it signs, so that the directory can list it first (exchange.md 11).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, unique
from typing import cast

from comity.adapters.pkcs11 import Device
from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import Entropy, Instant
from comity.core.errors import ConfigurationError, InvalidInputError
from comity.core.ids import AgencyId
from comity.core.keys import PublicKey
from comity.seal import CheckpointSigner, SigningKey, SigningPort
from comity.trust import new_node_keys, node_keys

NODE, LOG, WITNESS, AGENCY = "node", "log", "witness", "agency/"
_TWO_KEYS = (LOG, WITNESS)
"""Uses that also sign with ML-DSA-44: checkpoints, and cosignatures under them."""
_FORM = 2
_SEED = 32


@unique
class Turn(Enum):
    """Where a generation of a key stands."""

    NEXT = "next"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One key of one use; of the log, its number is the epoch in the ledger's name."""

    use: str
    number: int
    turn: Turn
    made: Instant
    turned: Instant
    """When its turn began."""
    listed: Instant | None = None
    """When this node first saw it in the directory."""
    revoked: Instant | None = None
    """From when nobody shall believe it: it was lost or stolen."""
    seed: bytes = field(default=b"", repr=False)
    """The Ed25519 seed; empty where a device holds the key."""
    label: str = ""
    """The key's label in the device."""
    ml_dsa: bytes = field(default=b"", repr=False)
    """The ML-DSA-44 seed of a log or witness: no device knows it yet."""

    @property
    def name(self) -> str:
        """What people call it: `agency/xn.police 2`."""
        return f"{self.use} {self.number}"

    def signer(self, device: Device | None) -> SigningPort:
        """Return the Ed25519 key; raises `ConfigurationError` where its device is not open."""
        if not self.label:
            return SigningKey.from_raw(self.seed)
        if device is None:
            raise ConfigurationError(f"the key `{self.name}` lies in a device: it is not open")
        return device.key(self.label)

    def checkpoint_signer(self) -> SigningPort:
        """Return the ML-DSA-44 key of a log or witness."""
        return CheckpointSigner.from_raw(self.ml_dsa)

    def publics(self, device: Device | None) -> tuple[PublicKey, ...]:
        """Return the public halves, Ed25519 first."""
        one = self.signer(device).public
        return (one, self.checkpoint_signer().public) if self.ml_dsa else (one,)


def new_generation(  # noqa: PLR0913 - what a key is known by, one keyword each
    use: str,
    number: int,
    *,
    turn: Turn,
    at: Instant,
    entropy: Entropy,
    device: Device | None,
    owner: str,
) -> Generation:
    """Make a key: in the device where there is one, else as a seed.

    Raises `UnreachableError` where the device fails, `ConflictError` where it holds the label.
    """
    label = "" if device is None else f"comity/{owner}/{use}/{number}"
    if device is not None:
        device.new_key(label)
    return Generation(
        use=use,
        number=number,
        turn=turn,
        made=at,
        turned=at,
        seed=b"" if label else entropy.take(_SEED),
        label=label,
        ml_dsa=entropy.take(_SEED) if use in _TWO_KEYS else b"",
    )


def first_generations(
    agencies: Iterable[AgencyId],
    *,
    entropy: Entropy,
    device: Device | None,
    owner: str,
    at: Instant,
) -> tuple[Generation, ...]:
    """Make the first key of every use, valid at once by the directory's first version."""
    if device is None:
        seeds = new_node_keys(agencies, entropy=entropy).as_mapping()
        return _from_seeds(seeds)
    uses = (NODE, LOG, WITNESS, *(f"{AGENCY}{agency}" for agency in agencies))
    return tuple(
        new_generation(
            use, 1, turn=Turn.ACTIVE, at=at, entropy=entropy, device=device, owner=owner
        )
        for use in uses
    )


def write_generations(
    held: Sequence[Generation], *, hash_key: bytes, session_key: bytes
) -> bytes:
    """Write every secret of a node, for the caller to wrap before it rests."""
    keys: list[Value] = [_as_map(each) for each in held]
    said: dict[str, Value] = {
        "form": _FORM,
        "hash": hash_key,
        "keys": keys,
        "session": session_key,
    }
    return cbor.encode(said)


def read_generations(plain: bytes) -> tuple[tuple[Generation, ...], bytes, bytes]:
    """Read the keys, the hash key and the session key; also what earlier releases wrote.

    Raises `InvalidInputError` where one lacks or repeats.
    """
    named = cast("Mapping[str, Value]", cbor.decode(plain))
    try:
        hash_key, session = cast("bytes", named["hash"]), cast("bytes", named["session"])
        if "keys" not in named:
            return _from_seeds(cast("Mapping[str, bytes]", named)), hash_key, session
        maps = cast("Sequence[Mapping[str, Value]]", named["keys"])
        held = tuple(_from_map(each) for each in maps)
    except (KeyError, TypeError, ValueError):
        raise InvalidInputError("keys/seeds.key lacks a key this release needs") from None
    secrets = [s for each in held for s in (each.seed, each.ml_dsa, each.label.encode()) if s]
    if len(set(secrets)) != len(secrets):
        raise InvalidInputError("the keyring has one key for two uses")
    return held, hash_key, session


def _from_seeds(seeds: Mapping[str, bytes]) -> tuple[Generation, ...]:
    keys, since = node_keys(seeds), Instant(0)
    plain = {NODE: keys.node, **{f"{AGENCY}{a}": seed for a, seed in keys.agencies.items()}}
    made = [
        Generation(use=use, number=1, turn=Turn.ACTIVE, made=since, turned=since, seed=seed)
        for use, seed in plain.items()
    ]
    double = ((LOG, keys.log, keys.log_ml_dsa), (WITNESS, keys.witness, keys.witness_ml_dsa))
    made += [
        Generation(
            use=use,
            number=1,
            turn=Turn.ACTIVE,
            made=since,
            turned=since,
            seed=seed,
            ml_dsa=ml_dsa,
        )
        for use, seed, ml_dsa in double
    ]
    return tuple(made)


def _as_map(each: Generation) -> dict[str, Value]:
    return {
        "use": each.use,
        "number": each.number,
        "turn": each.turn.value,
        "made": each.made,
        "turned": each.turned,
        "listed": each.listed,
        "revoked": each.revoked,
        "seed": each.seed,
        "label": each.label,
        "ml-dsa": each.ml_dsa,
    }


def _from_map(said: Mapping[str, Value]) -> Generation:
    return Generation(
        use=cast("str", said["use"]),
        number=cast("int", said["number"]),
        turn=Turn(said["turn"]),
        made=Instant(cast("int", said["made"])),
        turned=Instant(cast("int", said["turned"])),
        listed=cast("Instant | None", said["listed"]),
        revoked=cast("Instant | None", said["revoked"]),
        seed=cast("bytes", said["seed"]),
        label=cast("str", said["label"]),
        ml_dsa=cast("bytes", said["ml-dsa"]),
    )
