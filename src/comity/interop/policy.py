"""Policies and markings of others, read into a marking of ours: FIRST IEP 2.0 and ACS 3.0.

What restricts is kept with its original code. What grants (an ACS privilege, a shareability)
widens nothing here: release is for the law to decide, and the originator's list bounds it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, cast

from comity.core.clock import from_iso
from comity.core.errors import InvalidInputError
from comity.message import Handling, Tlp, caveat, code_lists, handling, term

_TLP: Final = {
    "red": Tlp.RED,
    "amber+strict": Tlp.AMBER_STRICT,
    "amber": Tlp.AMBER,
    "green": Tlp.GREEN,
    "clear": Tlp.CLEAR,
}
_TEXTS: Final = frozenset({"id", "name", "description", "start_date", "external_reference"})
_FIELDS: Final = frozenset(
    {"encrypt_in_transit", "permitted_actions", "affected_party_notifications"}
    | {"attribution", "unmodified_resale"}
)
_LEVELS: Final = {"C": "CLASS:us:C", "S": "CLASS:us:S", "TS": "CLASS:us:TS"}


def read_iep(policy: Mapping[str, object]) -> Handling:
    """Read a FIRST IEP 2.0 policy; raises `InvalidInputError` on what it does not have.

    `white` is TLP 1.0 and is refused. A policy that names no colour is read as TLP:RED.
    """
    known = _TEXTS | _FIELDS | {"tlp", "end_date", "iep_version"}
    stated = {name: _text(policy, name) for name in policy}
    for name in stated:
        if name not in known:
            raise InvalidInputError(f"IEP 2.0 has no field `{name[:40]}`")
    if stated.get("iep_version", "2.0") != "2.0":
        raise InvalidInputError("expected a policy of IEP 2.0")
    colour = stated.get("tlp", "red")
    if colour not in _TLP:
        raise InvalidInputError(f"`{colour[:20]}` is no label of TLP 2.0")
    lists = code_lists("iep")
    terms = set[str]()
    for name in _FIELDS & stated.keys():
        if stated[name] not in lists[name]:
            raise InvalidInputError(f"`{name}` of IEP 2.0 cannot be `{stated[name][:40]}`")
        if stated[name] not in {"may", lists["permitted_actions"][-1]}:
            terms.add(term(f"{name}={stated[name]}"))
    end = stated.get("end_date", "")
    return Handling(
        tlp=_TLP[colour], terms=frozenset(terms), until=from_iso(end) if end else None
    )


def read_acs(marking: Mapping[str, object], *, tlp: Tlp) -> Handling:
    """Read an ACS 3.0 marking under the TLP label it came with.

    Raises `InvalidInputError` on a field or code outside its lists.
    """
    lists = code_lists("acs")
    read = Handling(tlp=tlp)
    for name in sorted(marking):
        if name not in lists:
            raise InvalidInputError(f"ACS 3.0 has no field `{name[:40]}`")
        for code in _codes(marking[name], name):
            if code not in lists[name]:
                raise InvalidInputError(f"`{name}` of ACS 3.0 has no code `{code[:40]}`")
            read = read.join(_of_acs(name, code, tlp))
    return read


def _of_acs(name: str, code: str, tlp: Tlp) -> Handling:
    if name == "classification" and code in _LEVELS:
        return handling(f"{tlp.label} {_LEVELS[code]}")
    bare = Handling(tlp=tlp)
    try:
        return replace(bare, caveats=frozenset({caveat(f"acs.{name}.{code}")}))
    except InvalidInputError:
        # A code that grants restricts nothing, and is not a caveat.
        return bare


def _text(policy: Mapping[str, object], name: str) -> str:
    value = policy[name]
    if not isinstance(value, str):
        raise InvalidInputError(f"`{name[:40]}` of a policy is a text")
    return value


def _codes(value: object, name: str) -> Sequence[str]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple):
        raise InvalidInputError(f"`{name[:40]}` is a code or a list of codes")
    found = cast("Sequence[object]", listed)
    if not all(isinstance(each, str) for each in found):
        raise InvalidInputError(f"`{name[:40]}` is a code or a list of codes")
    return cast("Sequence[str]", found)
