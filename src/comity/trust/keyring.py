"""Which secrets a node holds: plain 32-byte seeds, for the caller to wrap before they rest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from comity.core.clock import Entropy
from comity.core.errors import InvalidInputError
from comity.core.ids import AgencyId, agency_id

_SEED = 32
_AGENCY = "agency/"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeKeys:
    """The seeds of a node, one key for one use; never printed.

    Ed25519 unless the name says ML-DSA-44. Prekeys and the master key are not here: they live
    and die by other clocks.
    """

    node: bytes = field(repr=False)
    agencies: Mapping[AgencyId, bytes] = field(repr=False)
    log: bytes = field(repr=False)
    log_ml_dsa: bytes = field(repr=False)
    witness: bytes = field(repr=False)
    witness_ml_dsa: bytes = field(repr=False)

    def as_mapping(self) -> dict[str, bytes]:
        """Return every seed by the name under which it is wrapped and kept."""
        agencies = {f"{_AGENCY}{agency}": seed for agency, seed in self.agencies.items()}
        return {
            "node": self.node,
            "log": self.log,
            "log-ml-dsa": self.log_ml_dsa,
            "witness": self.witness,
            "witness-ml-dsa": self.witness_ml_dsa,
            **agencies,
        }


def new_node_keys(agencies: Iterable[AgencyId], *, entropy: Entropy) -> NodeKeys:
    """Make fresh seeds for a node that serves these agencies."""
    return NodeKeys(
        node=entropy.take(_SEED),
        agencies={agency: entropy.take(_SEED) for agency in agencies},
        log=entropy.take(_SEED),
        log_ml_dsa=entropy.take(_SEED),
        witness=entropy.take(_SEED),
        witness_ml_dsa=entropy.take(_SEED),
    )


def node_keys(seeds: Mapping[str, bytes]) -> NodeKeys:
    """Read seeds back by name; raises `InvalidInputError` if one lacks, repeats or is short."""
    if any(len(seed) != _SEED for seed in seeds.values()):
        raise InvalidInputError(f"expected seeds of {_SEED} bytes in the keyring")
    if len(set(seeds.values())) != len(seeds):
        raise InvalidInputError("the keyring has one key for two uses")
    agencies = {
        agency_id(name.removeprefix(_AGENCY)): seed
        for name, seed in seeds.items()
        if name.startswith(_AGENCY)
    }
    try:
        return NodeKeys(
            node=seeds["node"],
            agencies=agencies,
            log=seeds["log"],
            log_ml_dsa=seeds["log-ml-dsa"],
            witness=seeds["witness"],
            witness_ml_dsa=seeds["witness-ml-dsa"],
        )
    except KeyError as error:
        raise InvalidInputError(f"the keyring lacks the key {error}") from None
