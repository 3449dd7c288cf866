"""What every practice must honour. A new folder is tested without a new line here."""

import importlib
import importlib.resources
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import cast

import pytest
import yaml
from tests.practices.several import Replay

import comity.practices
from comity.core import limits
from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.errors import ConfigurationError, InvalidInputError, StateError
from comity.practice import (
    FRAMED,
    VALUES,
    WORDS,
    CaseRow,
    Field,
    JointCase,
    Kind,
    Practice,
    Registry,
    Second,
    Side,
    Step,
    Type,
    advance,
    allowed,
    choice,
    elapse,
    kinds,
    parse_body,
    read_words,
    universal,
    wanted,
    wanted_of_kit,
)

SEATS = {
    "admin",
    "officer",
    "analyst",
    "supervisor",
    "legal",
    "rights",
    "engineer",
    "oversight",
}
SIDES = (Side.OPENER, Side.ASKED)
LOCALES = ("en", "ar")
SEARCHABLE = VALUES - {Type.ATTACHMENTS} | {
    Type.CODE,
    Type.CODES,
    Type.INSTANT,
    Type.REFERENCE,
    Type.FLAG,
}
HERE = importlib.resources.files(comity.practices)
FOLDERS = sorted(
    folder.name
    for folder in HERE.iterdir()
    if folder.is_dir() and not folder.name.startswith("_")
)


def declared(folder: str) -> Practice:
    module = importlib.import_module(f"comity.practices.{folder}")
    found: object = vars(module)["PRACTICE"]
    assert isinstance(found, Practice)
    return found


PRACTICES = [declared(folder) for folder in FOLDERS]
each_practice = pytest.mark.parametrize("practice", PRACTICES, ids=lambda each: each.name)
each_locale = pytest.mark.parametrize("language", LOCALES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One step of a told example."""

    kind: str
    by: Side
    body: Mapping[str, Value]
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One told example."""

    told: str
    cites: str
    steps: tuple[Told, ...]


def file_of(practice: Practice, *path: str) -> bytes:
    return HERE.joinpath(practice.name, *path).read_bytes()


def cases_of(practice: Practice) -> Mapping[str, Sequence[Mapping[str, object]]]:
    return cast(
        "Mapping[str, Sequence[Mapping[str, object]]]",
        yaml.safe_load(file_of(practice, "cases.yaml")),
    )


def on_the_wire(value: object) -> Value:
    """Turn what YAML reads into what CBOR carries: times into milliseconds."""
    if isinstance(value, datetime):
        return int(value.timestamp() * 1000)
    if isinstance(value, dict):
        whole = cast("dict[str, object]", value)
        return {name: on_the_wire(each) for name, each in whole.items()}
    if isinstance(value, list):
        return [on_the_wire(each) for each in cast("list[object]", value)]
    assert value is None or isinstance(value, (str, int, bytes))
    return value


def body_of(entry: Mapping[str, object]) -> Mapping[str, Value]:
    return cast("Mapping[str, Value]", on_the_wire(entry["body"]))


def stories_of(practice: Practice) -> Iterator[Story]:
    for entry in cases_of(practice)["told"]:
        steps = cast("list[dict[str, object]]", entry["steps"])
        yield Story(
            told=str(entry["told"]),
            cites=str(entry["cites"]),
            steps=tuple(
                Told(
                    kind=str(step["kind"]),
                    by=Side(step["by"]),
                    body=body_of(step),
                    state=str(step["state"]),
                )
                for step in steps
            ),
        )


def states_of(practice: Practice) -> set[str]:
    after = {step.after for step in practice.steps} | {timer.after for timer in practice.timers}
    many = {state for joint in practice.joint for state in joint.states - {joint.initial}}
    return {practice.initial} | after | many


def told_in(entry: Mapping[str, object], name: str) -> set[str]:
    steps = cast("Sequence[Mapping[str, object]]", entry["steps"])
    return {str(step[name]) for step in steps}


def machines(practice: Practice) -> tuple[Practice | JointCase, ...]:
    """Return what has states and steps: between two, and each case of several parties."""
    return (practice, *practice.joint)


def closed_of(practice: Practice) -> set[str]:
    return {*practice.closed, *(state for joint in practice.joint for state in joint.closed)}


def several_of(practice: Practice) -> Sequence[Mapping[str, object]]:
    return cases_of(practice).get("several", ())


def all_fields(practice: Practice) -> list[Field]:
    return [field for kind in kinds(practice) for field in kind.fields]


def choices_of(kind: Kind) -> tuple[str, ...]:
    found = [field.choices for field in kind.fields if field.name == kind.decides]
    return found[0] if found else ("",)


@each_practice
def test_a_practice_bears_the_name_of_its_folder(practice: Practice) -> None:
    assert practice.name in FOLDERS


@each_practice
def test_every_kind_bears_the_name_of_its_folder_and_a_version(practice: Practice) -> None:
    shape = re.compile(rf"{practice.name}\.[a-z]+(-[a-z]+)*/[1-9][0-9]*")
    assert all(shape.fullmatch(kind.name) for kind in practice.kinds)


@each_practice
def test_every_step_uses_a_kind_of_its_own_and_every_own_kind_has_a_step(
    practice: Practice,
) -> None:
    used = {step.kind for step in practice.steps}
    used |= {kind for joint in practice.joint for kind in joint.kinds}
    own = {kind.name for kind in practice.kinds}
    assert own <= used <= own | {kind.name for kind in universal(practice.name)}


@each_practice
def test_a_challenge_is_taken_in_every_state_from_either_side(practice: Practice) -> None:
    for state in states_of(practice) - {practice.initial}:
        for side in SIDES:
            advance(practice, state, kind=f"{practice.name}.challenge/1", side=side)


@each_practice
def test_every_state_and_every_step_can_be_reached(practice: Practice) -> None:
    for one in machines(practice):
        reached = {one.initial}
        for _ in (*one.steps, *one.timers):
            reached |= {step.after for step in one.steps if step.before in reached}
            reached |= {timer.after for timer in one.timers if timer.state in reached}
        after = {step.after for step in one.steps} | {timer.after for timer in one.timers}
        assert reached == {one.initial} | after
        assert {step.before for step in one.steps} <= reached


@each_practice
def test_every_declared_step_is_the_one_taken(practice: Practice) -> None:
    by_name = {kind.name: kind for kind in kinds(practice)}

    def meets(step: Step) -> bool:
        sides = SIDES if step.by is Side.EITHER else (step.by,)
        codes = (step.choice,) if step.choice else choices_of(by_name[step.kind])
        return any(
            advance(practice, step.before, kind=step.kind, side=side, choice=code) == step.after
            for side in sides
            for code in codes
        )

    assert [step for step in practice.steps if not meets(step)] == []


@each_practice
def test_no_step_is_ambiguous(practice: Practice) -> None:
    taken = [
        (step.before, step.kind, step.choice, side)
        for step in practice.steps
        for side in (SIDES if step.by is Side.EITHER else (step.by,))
    ]
    assert len(taken) == len(set(taken))


@each_practice
def test_a_closed_case_stays_closed(practice: Practice) -> None:
    for one in machines(practice):
        assert one.closed <= states_of(practice)
        leaving = [s for s in one.steps if s.before in one.closed and s.after != s.before]
        assert leaving == []


@each_practice
def test_every_open_state_can_still_move(practice: Practice) -> None:
    own = {kind.name for kind in practice.kinds}
    moved = {step.before for joint in practice.joint for step in joint.steps}
    for state in states_of(practice) - closed_of(practice) - moved:
        assert any(
            kind.name in own for side in SIDES for kind in allowed(practice, state, side)
        )


@each_practice
def test_a_case_of_several_parties_reads_only_what_every_party_may_read(
    practice: Practice,
) -> None:
    own = {kind.name: kind for kind in practice.kinds}
    known = {kind.name for kind in kinds(practice)}
    for joint in practice.joint:
        for name in joint.kinds:
            framed = {field.name for field in own[name].fields if field.is_framed}
            assert {own[name].decides} - {""} <= framed, name
            wanted_here = {"parties", "revision"} if name == joint.opens else set[str]()
            if name in joint.revises - {joint.opens}:
                wanted_here = {"revision", "previous"}
            assert wanted_here <= framed, name
        groups = [group for quorum in joint.quorums.values() for group in quorum.groups]
        assert {kind for group in groups for kind in group.kinds} <= known
        assert {*joint.caution, *joint.withdraws, *joint.revises} <= joint.kinds
        revised = {f.name for n in joint.revises for f in own[n].fields if f.is_framed}
        named = {group.field for group in groups} | {group.count_field for group in groups}
        named |= {timer.field for timer in joint.timers}
        assert named - {""} <= revised
        assert {child.case for child in joint.children} <= {
            each.name for each in practice.joint
        }


@each_practice
def test_sections_hold_no_files_and_no_sections(practice: Practice) -> None:
    for field in all_fields(practice):
        inner = [each for section in field.sections for each in section.fields]
        assert bool(field.sections) is (field.type is Type.SECTIONS)
        assert not {each.type for each in inner} & {Type.ATTACHMENTS, Type.SECTIONS, Type.ACT}


@each_practice
def test_every_told_case_of_several_parties_replays(practice: Practice) -> None:
    for entry in several_of(practice):
        assert re.search(r"\b(article|paragraph|section|rule)s? \d", str(entry["cites"]))
        replay = Replay(practice, entry)
        for step in cast("Sequence[Mapping[str, object]]", entry["steps"]):
            state, why = replay.step(step, body_of(step))
            assert (state, why) == (step["state"], step.get("why", "")), entry["told"]


@each_practice
def test_no_state_can_be_mistaken_for_a_stopped_one(practice: Practice) -> None:
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", state) for state in states_of(practice))
    assert "stopped" not in states_of(practice)


@each_practice
def test_duties_and_timers_stand_on_states_and_fields_that_exist(practice: Practice) -> None:
    names = {kind.name for kind in practice.kinds}
    searchable = {field.name for field in all_fields(practice) if field.is_searchable}
    for duty in practice.duties:
        assert duty.state in states_of(practice) - practice.closed
        assert not duty.since or duty.since in names
    for timer in practice.timers:
        assert timer.field in searchable
        fired = elapse(practice, timer.state, fields={timer.field: Instant(1)}, at=Instant(1))
        assert fired == timer.after


@each_practice
def test_every_seat_exists(practice: Practice) -> None:
    for kind in kinds(practice):
        assert kind.seats
        assert kind.seats <= SEATS


@each_practice
def test_only_the_seats_of_a_case_author_messages(practice: Practice) -> None:
    for kind in kinds(practice):
        assert not kind.seats & {"admin", "engineer"}


@each_practice
def test_the_kits_kinds_cannot_be_left_out(practice: Practice) -> None:
    offered = Registry([practice]).offered()
    assert {f"{practice.name}.{word}/1" for word in WORDS} <= offered


@each_practice
@pytest.mark.parametrize("word", sorted(WORDS))
def test_the_kits_kinds_cannot_be_overridden(practice: Practice, word: str) -> None:
    for version in (1, 2):
        own = Kind(name=f"{practice.name}.{word}/{version}")
        taken = Practice(
            name=practice.name,
            command=practice.command,
            kinds=(*practice.kinds, own),
            initial=practice.initial,
            steps=practice.steps,
        )
        with pytest.raises(ConfigurationError):
            Registry([taken])


@each_practice
def test_a_protective_kind_carries_no_value_and_no_open_code(practice: Practice) -> None:
    for kind in kinds(practice):
        for field in kind.fields if kind.is_protective else ():
            is_new_value = kind.word == "correct" and field.name in {"entity", "sections"}
            assert is_new_value or field.type not in VALUES, f"{kind.name} {field.name}"
            assert field.type is not Type.CODES, f"{kind.name} {field.name}"
            assert field.type is not Type.CODE or field.choices, f"{kind.name} {field.name}"


@each_practice
def test_every_field_is_well_declared(practice: Practice) -> None:
    for kind in kinds(practice):
        names = [field.name for field in kind.fields]
        assert len(names) == len(set(names)), kind.name
        for field in kind.fields:
            assert re.fullmatch(r"[a-z]+(_[a-z]+)*", field.name)
            assert len(set(field.choices)) == len(field.choices)
            assert set(field.cites) <= set(field.choices)
            assert field.type is not Type.LINE or field.limit <= limits.NAME
            assert field.type is not Type.TEXT or field.limit <= limits.TEXT
            assert not field.is_searchable or field.type in SEARCHABLE, field.name
            assert not field.is_framed or field.type in FRAMED, field.name
            assert field.comes_with in {"", *names}


@each_practice
def test_every_data_category_is_one_the_law_knows(practice: Practice) -> None:
    facts = importlib.resources.files("comity.law") / "data" / "facts.yaml"
    law = cast("dict[str, dict[str, object]]", yaml.safe_load(facts.read_bytes()))
    used = {field.category for field in all_fields(practice) if field.category}
    assert used <= law["categories"].keys()


@each_practice
def test_an_open_code_is_judged_like_any_other_value(practice: Practice) -> None:
    for kind in kinds(practice):
        for field in kind.fields:
            is_open = field.type in {Type.CODE, Type.CODES} and not field.choices
            assert field.category or not is_open, f"{kind.name} {field.name}"


@each_practice
def test_a_branch_speaks_of_choices_and_fields_that_exist(practice: Practice) -> None:
    for kind in practice.kinds:
        names = {field.name for field in kind.fields}
        assert {branch.choice for branch in kind.branches} <= set(choices_of(kind))
        for branch in kind.branches:
            assert branch.required | branch.barred <= names
            assert not branch.required & branch.barred


@each_practice
def test_the_second_person_of_a_message_never_only_lapses(practice: Practice) -> None:
    for kind in practice.kinds:
        assert kind.second is not Second.LAPSING


@each_practice
@each_locale
def test_everything_has_words_in_every_language(practice: Practice, language: str) -> None:
    kit = importlib.resources.files("comity.practice").joinpath("locale", f"{language}.json")
    beneath = read_words(kit.read_bytes())
    own = read_words(file_of(practice, "locale", f"{language}.json"))
    assert wanted_of_kit() - beneath.keys() == frozenset()
    assert wanted(practice) - own.keys() == frozenset()


@each_practice
def test_no_word_is_left_over(practice: Practice) -> None:
    own = read_words(file_of(practice, "locale", "en.json"))
    special = re.compile(r"(field|choice)\.[a-z-]+\.")
    extra = {key for key in own.keys() - wanted(practice) if not special.match(key)}
    assert extra == set()


@each_practice
def test_languages_say_the_same_things(practice: Practice) -> None:
    keys = [read_words(file_of(practice, "locale", f"{each}.json")).keys() for each in LOCALES]
    assert all(each == keys[0] for each in keys)


@each_practice
def test_every_kind_has_one_form_with_each_field_once(practice: Practice) -> None:
    assert [form.kind for form in practice.forms] == [kind.name for kind in practice.kinds]
    for form, kind in zip(practice.forms, practice.kinds, strict=True):
        shown = [name for group in form.groups for name in group]
        assert sorted(shown) == sorted(field.name for field in kind.fields), kind.name


@each_practice
def test_every_state_is_on_a_page_and_every_column_is_stored(practice: Practice) -> None:
    stored = {each.name for each in fields(CaseRow)}
    searchable = {field.name for field in all_fields(practice) if field.is_searchable}
    shown = {state for page in practice.pages for state in page.states}
    assert shown == states_of(practice) - {practice.initial}
    for page in practice.pages:
        assert {column.name for column in page.columns} <= stored | searchable
        assert {name.lstrip("-") for name in page.order.split(",")} <= stored


@each_practice
def test_every_told_example_replays_and_cites_its_provision(practice: Practice) -> None:
    registry = Registry([practice])
    for story in stories_of(practice):
        assert re.search(r"\b(article|paragraph|section|rule)s? \d", story.cites), story.told
        state = practice.initial
        for step in story.steps:
            kind = registry.kind(step.kind)
            body = parse_body(kind, step.body)
            taken = choice(kind, body)
            state = advance(practice, state, kind=kind.name, side=step.by, choice=taken)
            assert state == step.state, story.told


@each_practice
def test_every_kind_is_told_and_every_kind_is_misused(practice: Practice) -> None:
    own = {kind.name for kind in practice.kinds}
    told = {step.kind for story in stories_of(practice) for step in story.steps}
    told |= {kind for entry in several_of(practice) for kind in told_in(entry, "kind")}
    misused = {str(entry["kind"]) for entry in cases_of(practice)["bad"]}
    assert own <= told
    assert own <= misused


@each_practice
def test_a_bad_body_is_rejected_with_its_field_named(practice: Practice) -> None:
    registry = Registry([practice])
    for entry in cases_of(practice)["bad"]:
        with pytest.raises(InvalidInputError, match=f"field `{entry['field']}`: expected"):
            parse_body(registry.kind(str(entry["kind"])), body_of(entry))


@each_practice
def test_every_ending_is_told(practice: Practice) -> None:
    told = {step.state for story in stories_of(practice) for step in story.steps}
    told |= {state for entry in several_of(practice) for state in told_in(entry, "state")}
    by_clock = {t.after for one in machines(practice) for t in one.timers}
    assert closed_of(practice) - by_clock <= told


@each_practice
def test_no_side_takes_the_step_of_the_other(practice: Practice) -> None:
    for step in practice.steps:
        other = {Side.OPENER: Side.ASKED, Side.ASKED: Side.OPENER}.get(step.by)
        rivals = [
            each
            for each in practice.steps
            if (each.before, each.kind) == (step.before, step.kind) and each.by is not step.by
        ]
        if other is not None and not rivals:
            with pytest.raises(StateError):
                advance(practice, step.before, kind=step.kind, side=other, choice=step.choice)


@each_practice
def test_a_readme_says_who_uses_it_on_what_authority_and_what_it_may_not_do(
    practice: Practice,
) -> None:
    text = file_of(practice, "README.md").decode()
    for promise in ("Who uses it", "On what authority", "may not do"):
        assert promise in text


def test_no_two_practices_claim_a_kind_or_a_command() -> None:
    Registry(PRACTICES)
