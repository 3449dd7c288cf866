"""An act taken apart and put together again: nobody shows one partner another plan."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.joint.paper import CASE, ENDORSE, PRACTICE, PROPOSE, A, C, N, Table, roster_value

from comity.adapters.memory import SeededEntropy
from comity.core import cbor, limits
from comity.core.cbor import Value
from comity.core.errors import InvalidInputError, LimitError
from comity.core.ids import AgencyId
from comity.ledger import Frontier
from comity.message import handling
from comity.practice import (
    Kind,
    Registry,
    WholeAct,
    act_statement,
    copy_for,
    framed,
    from_form,
    items,
    members_named,
    parse_body,
    read_act,
    read_frame,
    root_of,
    roster,
    sections_of,
    take_apart,
    withheld,
)

REGISTRY = Registry([PRACTICE])
AMBER = handling("TLP:AMBER H1")


def mapped(value: Value) -> dict[str, Value]:
    assert isinstance(value, Mapping)
    return {str(name): each for name, each in value.items()}


def listed(value: Value) -> list[Value]:
    assert isinstance(value, (list, tuple))
    return [*value]


def section(text: str = "Watch", **more: Value) -> dict[str, Value]:
    return {"name": "mission", "handling": "TLP:AMBER", "body": {"text": text}, **more}


def body_of(count: int = 3, **more: Value) -> dict[str, Value]:
    sections: list[Value] = [section(f"Part {i}") for i in range(count)]
    told: dict[str, Value] = {"title": "Port", "parties": roster_value(), "revision": 1}
    return {**told, **({"sections": sections} if sections else {}), **more}


def whole(count: int = 3, kind: Kind = PROPOSE, **more: Value) -> WholeAct:
    known = REGISTRY.kind(kind.name)
    body = parse_body(known, body_of(count, **more) if kind is PROPOSE else more)
    frame = replace(Table().frame(kind, N), fields=framed(known, body))
    entropy = SeededEntropy(b"parts")
    return take_apart(known, frame, body, marking=AMBER, entropy=entropy)


def on_the_wire(act: WholeAct, shown: set[int]) -> Mapping[str, Value]:
    body = copy_for(act, shown, signed=b"signed")
    read = cbor.decode(cbor.encode(body))
    return parse_body(act.kind, read)


@given(st.sets(st.integers(1, 4)))
def test_every_copy_comes_to_the_same_root(shown: set[int]) -> None:
    act = whole(3)
    read = read_act(act.kind, on_the_wire(act, shown))
    assert read.digest == act.digest
    assert read.shown == {0, *shown}
    assert (read.handling is None) is (1 not in shown)


def test_the_proof_that_an_act_may_not_be_read_has_its_root_and_its_frame_alone() -> None:
    act = whole(3)
    kind = REGISTRY.kind("papers.withheld/1")
    body = parse_body(kind, withheld(act, signed=b"signed"))
    read = read_act(kind, body)
    assert (read.digest, read.frame, read.shown) == (act.digest, act.frame, frozenset({0}))
    assert items(kind, body, AMBER) == ()
    assert b"Part" not in cbor.encode(body)


@pytest.mark.parametrize(("sections", "leaves"), [(0, 8), (6, 8), (7, 16), (30, 32), (62, 64)])
def test_nobody_counts_the_sections_it_may_not_see(sections: int, leaves: int) -> None:
    assert len(whole(sections).hashes) == leaves


def test_an_act_of_a_kind_without_sections_has_two_leaves() -> None:
    assert len(whole(kind=ENDORSE, root="ab" * 32).hashes) == 2


def test_more_sections_than_fit_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="sections"):
        whole(63)
    act = whole(62)
    sections = listed(act.body["sections"]) * 2
    body = {**act.body, "sections": sections}
    with pytest.raises(LimitError):
        take_apart(act.kind, act.frame, body, marking=AMBER, entropy=SeededEntropy(b"x"))


def test_a_frame_too_large_is_refused() -> None:
    act = whole(0)
    frame = replace(act.frame, fields={"cites": ["ab" * 32] * 600})
    with pytest.raises(LimitError):
        take_apart(act.kind, frame, act.body, marking=AMBER, entropy=SeededEntropy(b"x"))


@given(st.integers(0, 6))
def test_the_root_is_that_of_the_ledgers_tree(power: int) -> None:
    hashes = [bytes([i]) * 32 for i in range(2**power)]
    tree = Frontier()
    for each in hashes:
        tree.append(each)
    assert root_of(hashes) == tree.root().hex()


def lies(act: WholeAct) -> dict[str, dict[str, Value]]:
    body = copy_for(act, {1, 2, 3, 4}, signed=b"s")
    told = mapped(body["act"])
    leaves = listed(told["leaves"])
    sections = listed(body["sections"])
    hidden = [*leaves[:2], b"h" * 32, *leaves[3:]]
    cut = {name: value for name, value in told.items() if name != "handling"}
    return {
        "frame": {**body, "revision": 2},
        "shown": {**body, "act": {**told, "leaves": hidden}},
        "hidden": {**body, "sections": sections[:2]},
        "fields": {**body, "act": cut},
        "leaves": {**body, "act": {**told, "leaves": [*leaves, *leaves]}},
        "none": {name: value for name, value in body.items() if name != "act"},
    }


@pytest.mark.parametrize("lie", ["frame", "shown", "hidden", "fields", "leaves", "none"])
def test_a_copy_that_contradicts_itself_is_refused(lie: str) -> None:
    act = whole(3)
    with pytest.raises(InvalidInputError):
        read_act(act.kind, parse_body(act.kind, lies(act)[lie]))


def test_another_section_is_another_root() -> None:
    act = whole(3)
    body = dict(on_the_wire(act, {1, 2, 3, 4}))
    sections = listed(body["sections"])
    sections[1] = {**mapped(sections[1]), "body": {"text": "Leave"}}
    changed = read_act(act.kind, {**body, "sections": sections})
    assert changed.digest != act.digest
    assert act_statement(act.frame, act.digest) != act_statement(act.frame, changed.digest)


def bad_acts() -> dict[str, Value]:
    act = whole(1)
    told = mapped(copy_for(act, {1}, signed=b"s")["act"])
    leaves = listed(told["leaves"])
    return {
        "not a map": "x",
        "a leaf of another length": {**told, "leaves": [*leaves[:-1], b"x"]},
        "a leaf that is no bytes": {**told, "leaves": [*leaves[:-1], 7]},
        "a hidden frame": {**told, "leaves": [b"h" * 32, *leaves[1:]]},
        "three leaves": {**told, "leaves": leaves[:3]},
        "an unknown member": {**told, "more": "x"},
        "a marking that is none": {**told, "handling": 7},
        "no frame": {**told, "frame": b""},
        "a signature too long": {**told, "signed": b"s" * (limits.NUMBER + 1)},
    }


@pytest.mark.parametrize("bad", sorted(bad_acts()))
def test_an_act_of_another_shape_is_refused(bad: str) -> None:
    with pytest.raises(InvalidInputError, match="field `act`"):
        parse_body(REGISTRY.kind(PROPOSE.name), {**body_of(), "act": bad_acts()[bad]})


BAD_SECTIONS: Mapping[str, Value] = {
    "no list": "x",
    "none": [],
    "no map": ["x"],
    "unknown": [{**section(), "name": "other"}],
    "no body": [{"name": "mission", "handling": "TLP:AMBER"}],
    "a member too many": [section(more="x")],
    "no marking": [{**section(), "handling": "SECRET"}],
    "no agency": [section(audience=["nobody"])],
    "an empty audience": [section(audience=[])],
    "an audience that is no list": [section(audience=7)],
    "twice the same": [section(audience=["xa.border", "xa.border"])],
    "a field too many": [{**section(), "body": {"text": "x", "more": "y"}}],
    "a field too few": [{**section(), "body": {}}],
    "a wrong field": [{**section(), "body": {"text": 7}}],
    "a place too low": [section(place=1)],
    "a place too high": [section(place=64)],
    "one place twice": [section(place=3), section(place=3)],
    "a place that is no number": [section(place="x")],
}


@pytest.mark.parametrize("bad", sorted(BAD_SECTIONS))
def test_sections_of_another_shape_are_refused(bad: str) -> None:
    with pytest.raises(InvalidInputError, match="field `sections`"):
        parse_body(REGISTRY.kind(PROPOSE.name), body_of(0, sections=BAD_SECTIONS[bad]))


def test_every_value_of_a_section_is_judged_under_its_own_marking() -> None:
    kind = REGISTRY.kind(PROPOSE.name)
    names: Value = ["Anna"]
    called: Value = {"name": names}
    anna: Value = {"id": "a", "schema": "Person", "properties": called}
    strict = section(handling="TLP:RED", audience=["xa.border"])
    strict["body"] = {"text": "Watch", "person": anna}
    found = items(kind, body_of(1, sections=[strict]), AMBER)
    marked = {item.path: str(item.handling) for item in found}
    assert marked["title"] == "TLP:AMBER H1"
    assert marked["sections/0/body/text"] == "TLP:RED H1"
    assert marked["sections/0/body/person/properties/name/0"] == "TLP:RED H1"


def test_a_section_reaches_its_audience_under_its_marking_alone() -> None:
    one, other = sections_of(
        PROPOSE.fields,
        body_of(
            sections=[
                section(audience=["xa.border"]),
                section(handling="TLP:AMBER REL:xn,xa"),
            ]
        ),
    )
    assert (one.reaches(A), one.reaches(C), one.reaches(N)) == (True, False, False)
    assert (other.reaches(A), other.reaches(C), other.reaches(N)) == (True, False, True)
    assert members_named([one, other]) == {"xa", "xn"}


def test_a_form_writes_sections_rosters_and_lists() -> None:
    kind = REGISTRY.kind(PROPOSE.name)
    filled = from_form(
        kind,
        {
            "title": "Port",
            "parties": "xn.police=lead+host, xa.border",
            "signers": "xa.border, xn.police",
            "cites": f"{'ab' * 32}",
            "sections/0/name": "mission",
            "sections/0/handling": "TLP:AMBER",
            "sections/0/audience": "xa.border",
            "sections/0/body/text": "Watch",
            "sections/1/name": "supply",
            "sections/1/handling": "TLP:AMBER",
            "sections/1/body/text": "Boats",
            "sections/2/name": "supply",
        },
    )
    assert filled.faults == ()
    assert filled.body["parties"] == [
        {"party": "xa.border", "roles": []},
        {"party": "xn.police", "roles": ["host", "lead"]},
    ]
    one, other = sections_of(kind.fields, filled.body)
    assert (one.name, one.audience, other.name, other.audience) == (
        "mission",
        frozenset({A}),
        "supply",
        frozenset[AgencyId](),
    )
    assert (
        from_form(kind, {"title": "Port", "parties": "xn.police"}).faults[0].field == "parties"
    )
    assert "sections" not in from_form(kind, {"sections/0/name": "mission"}).body


BAD_FIELDS: Mapping[str, Value] = {
    "cites": ["ab"],
    "previous": "xyz",
    "signers": ["nobody"],
    "parties": [{"party": "xa.border", "roles": []}],
}


@pytest.mark.parametrize("name", sorted(BAD_FIELDS))
def test_a_framed_field_of_another_shape_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match=f"field `{name}`"):
        parse_body(REGISTRY.kind(PROPOSE.name), {**body_of(), name: BAD_FIELDS[name]})


@pytest.mark.parametrize("bad", [[7], [], "x", ["xa.border", "xa.border"], ["xa.a"] * 65])
def test_a_list_of_parties_is_one_of_different_agencies(bad: Value) -> None:
    with pytest.raises(InvalidInputError, match="field `signers`"):
        parse_body(REGISTRY.kind(PROPOSE.name), {**body_of(), "signers": bad})


@pytest.mark.parametrize("bad", [[7], [], "x", [b"n" * (limits.NUMBER + 1)], [b"n"] * 65])
def test_a_list_of_numbers_is_bounded(bad: Value) -> None:
    with pytest.raises(InvalidInputError, match="field `numbers`"):
        parse_body(REGISTRY.kind("papers.number/1"), {"numbers": bad})


BAD_ROSTERS: Mapping[str, Value] = {
    "one alone": [{"party": "xa.border", "roles": []}],
    "no order": [{"party": "xn.police", "roles": []}, {"party": "xa.border", "roles": []}],
    "no map": ["xa.border", "xn.police"],
    "no agency": [{"party": "nobody", "roles": []}, {"party": "xn.police", "roles": []}],
    "more": [{"party": "xa.border", "roles": [], "x": 1}, {"party": "xn.police", "roles": []}],
    "a bad role": [
        {"party": "xa.border", "roles": ["A!"]},
        {"party": "xn.police", "roles": []},
    ],
    "roles twice": [
        {"party": "xa.border", "roles": ["a", "a"]},
        {"party": "xn.police", "roles": []},
    ],
}


@pytest.mark.parametrize("bad", sorted(BAD_ROSTERS))
def test_a_roster_of_another_shape_is_none(bad: str) -> None:
    assert roster(BAD_ROSTERS[bad]) is None


def test_a_frame_is_read_as_it_was_written() -> None:
    frame = Table().frame(PROPOSE, parties=roster_value())
    assert read_frame(frame.encode()) == frame
    assert frame.case == CASE


@pytest.mark.parametrize(
    "bad",
    [
        {"case": b"x"},
        {"kind": ""},
        {"author": "nobody"},
        {"at": -1},
        {"at": True},
        {"hand": b""},
        {"second": b"x"},
        {"parent": b"x"},
        {"fields": []},
        {"seat": 7},
    ],
)
def test_a_frame_of_another_shape_is_refused(bad: Mapping[str, Value]) -> None:
    part = cbor.decode(Table().frame(PROPOSE).encode())
    assert isinstance(part, dict)
    with pytest.raises(InvalidInputError):
        read_frame(cbor.encode({**part, **bad}))


def test_bytes_that_are_no_frame_are_refused() -> None:
    for data in (cbor.encode([1]), b"\xa0" * (limits.FRAME + 1)):
        with pytest.raises(InvalidInputError):
            read_frame(data)


def test_an_act_has_as_many_leaves_as_its_kind() -> None:
    act = whole(kind=ENDORSE, root="ab" * 32)
    body = copy_for(act, {1}, signed=b"s")
    told = mapped(body["act"])
    padded = {**told, "leaves": [*listed(told["leaves"]), *([b"h" * 32] * 6)]}
    with pytest.raises(InvalidInputError, match="another number of leaves"):
        read_act(act.kind, parse_body(act.kind, {**body, "act": padded}))
