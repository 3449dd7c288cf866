"""Public lists of a past day, shipped for demonstration: never screen real people with them."""

import gzip
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One list for demonstration: its dataset, its edition and its files."""

    dataset: str
    edition: str
    files: dict[str, bytes]


def sample_ofac() -> Sample:
    """Return the SDN list of OFAC as of 2021."""
    names = ("sdn.csv", "alt.csv", "add.csv")
    return Sample(
        dataset="ofac-sdn",
        edition="2021 (for demonstration)",
        files={name: _unpacked(name) for name in names},
    )


def sample_un() -> Sample:
    """Return a part of the UN Security Council's list of 2026-02-27."""
    return Sample(
        dataset="un-sc",
        edition="2026-02-27 (for demonstration)",
        files={"un_sc.xml": _unpacked("un_sc.xml")},
    )


def _unpacked(name: str) -> bytes:
    packed = files("comity.interop.samples").joinpath(f"{name}.gz").read_bytes()
    return gzip.decompress(packed)
