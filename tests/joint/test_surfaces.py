"""Acts of several parties on every surface, from the declaration alone."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import msgspec
import pytest
from tests.joint.paper import ALL, PRACTICE, PROPOSE, A, C, M, N
from tests.joint.stage import AMBER, a_world, at, case_at, do, proposal, say, view_at

from comity.adapters.world import Resident
from comity.api.fields import body_of, body_type, example_body
from comity.api.letters import outcome_out
from comity.api.routing import endpoints
from comity.cli.command import Given
from comity.cli.practice import body_of as typed_body
from comity.cli.practice import commands
from comity.cli.practice import outcome as said_of
from comity.cli.say import Document
from comity.console import forms, several
from comity.console.tongue import Tongue, tongue
from comity.console.views import Several
from comity.console.visit import Visit
from comity.core.cbor import Value
from comity.core.errors import InvalidInputError, StateError
from comity.core.ids import AgencyId, CaseId
from comity.desk import Actor, AwaitsSecond, Desk, JointSent, Letter
from comity.practice import Kind, Registry, sections_of

REGISTRY = Registry([PRACTICE])


def a_letter(case: CaseId | None, word: str, **body: Value) -> Letter:
    return Letter(
        kind=f"papers.{word}",
        body=body,
        handling=AMBER,
        case=case,
        purpose="" if case else "counter-terrorism",
        facts=proposal().facts,
    )


def test_one_door_takes_letters_and_acts_alike() -> None:
    world = a_world()
    do(world, N, proposal())
    here, case = at(world, A), case_at(world, A)
    officer = here.actor("officer")
    letter = a_letter(case, "endorse/1", root=view_at(world, A).root)
    shown = here.desk.correspondence.preview(officer, letter)
    # What the law lets go least is what a person sees before sending: Meridia gets the proof.
    assert (shown.draft.kind, shown.draft.recipient) == ("papers.endorse/1", C) or (
        shown.draft.recipient == M
    )
    sent = here.desk.correspondence.send(officer, letter)
    assert isinstance(sent, JointSent)
    assert outcome_out(sent).act == sent.digest
    document: Document = {"outcome": "sent", "case": sent.case, "act": sent.digest}
    assert sent.digest in said_of(document).lines[0]


def test_an_act_that_waits_is_shown_to_its_second_person_and_confirmed_there() -> None:
    world = a_world()
    do(world, N, proposal())
    here, case = at(world, N), case_at(world, N)
    letter = a_letter(case, "rush/1", root=view_at(world, N).root, text="At once")
    held = here.desk.correspondence.send(here.actor("officer"), letter)
    assert isinstance(held, AwaitsSecond)
    second = here.actor("officer", "second")
    assert (
        here.desk.correspondence.pending_draft(second, held.pending).body["text"] == "At once"
    )
    assert isinstance(here.desk.correspondence.confirm(second, held.pending), JointSent)
    again = here.desk.correspondence.send(here.actor("officer"), letter)
    assert isinstance(again, AwaitsSecond)
    here.desk.correspondence.drop(second, again.pending)
    assert here.desk.correspondence.awaiting(second) == ()


def test_a_case_lists_what_its_party_may_send_to_all() -> None:
    world = a_world()
    do(world, N, proposal())
    here = at(world, A)
    view = here.desk.reading.case(here.actor("officer"), case_at(world, A))
    names = {kind.name for kind in view.acts}
    assert {"papers.endorse/1", "papers.dissent/2", "papers.stop/2"} <= names
    assert "papers.dissent/1" not in names


def test_every_kind_has_a_path_a_command_and_a_type_of_its_own() -> None:
    paths = [each.path for each in endpoints([PRACTICE]) if each.path.startswith("papers/")]
    assert len(paths) == len(set(paths))
    assert {"papers/propose", "papers/dissent", "papers/dissent-to-all"} <= set(paths)
    assert not {"papers/number", "papers/withheld", "papers/due"} & set(paths)
    words = {command.word for command in commands(PRACTICE)}
    assert {"propose", "dissent-to-all", "stop", "stop-to-all"} <= words


def test_a_body_in_json_is_the_body_on_the_wire() -> None:
    kind = REGISTRY.kind(PROPOSE.name)
    given = msgspec.json.encode(example_body(kind))
    body = body_of(kind, given)
    (section,) = sections_of(kind.fields, body)
    assert (section.name, section.audience) == ("mission", frozenset({A}))
    assert body["parties"] == [
        {"party": "xa.border", "roles": ["host"]},
        {"party": "xn.police", "roles": ["lead"]},
    ]
    assert "act" not in body_type(kind).__struct_fields__
    bare = json.loads(given)
    bare["sections"][0].pop("audience")
    (section,) = sections_of(kind.fields, body_of(kind, json.dumps(bare).encode()))
    assert section.audience == frozenset()


def typed(**values: object) -> Given:
    return Given(values=values, client=None)  # type: ignore[arg-type]


def test_a_body_typed_at_the_command_line_names_parties_and_files(tmp_path: Path) -> None:
    kind = REGISTRY.kind(PROPOSE.name)
    file = tmp_path / "mission.json"
    told = {"name": "mission", "handling": "TLP:AMBER", "body": {"text": "Watch"}}
    file.write_text(json.dumps(told))
    roster = ["xa.border", "xn.police=lead+host"]
    fields = [each for each in kind.fields if each.name in {"parties", "sections"}]
    body = typed_body(fields, typed(parties=roster, sections=[str(file)]))
    assert body == {
        "parties": [
            {"party": "xa.border", "roles": []},
            {"party": "xn.police", "roles": ["host", "lead"]},
        ],
        "sections": [told],
    }
    for text in ("[]", "x"):
        file.write_text(text)
        with pytest.raises(InvalidInputError):
            typed_body(fields, typed(parties=roster, sections=[str(file)]))


class Said:
    """The console's own words, and the code itself for those of a practice without a locale."""

    def __init__(self) -> None:
        self.own = tongue("en")

    def say(self, key: str, **given: str) -> str:
        return self.own.say(key, **given)

    def kind(self, name: str) -> str:
        return name

    def joint(self, _practice: str, key: str) -> str:
        return key

    def field(self, _kind: Kind, _name: str, code: str = "") -> str:
        return code

    def section(self, _kind: Kind, name: str, part: str) -> str:
        return f"{name} {part}"

    @property
    def entries(self) -> dict[str, str]:
        return {}


@dataclass
class Looking:
    """As much of a visit as the panel looks at."""

    desk: Desk
    actor: Actor
    said: Said

    def partner(self, agency: str) -> str:
        return agency


def visit(here: Resident) -> Visit:
    return cast("Visit", Looking(desk=here.desk, actor=here.actor("officer"), said=Said()))


def panel_at(world: object, here: Resident, case: CaseId) -> Several:
    del world
    found = several.panel(visit(here), case)
    assert found is not None
    return found


def test_the_page_of_a_case_shows_who_is_missing_who_dissents_and_what_is_not_for_us() -> None:
    world = a_world()
    root = do(world, N, proposal()).digest
    say(world, A, "endorse/1", root=root)
    say(world, M, "dissent/2", root=root, ground="facts")
    say(world, M, "stop/2", ground="error")
    say(world, M, "stop-confirm/2", name="second")
    say(world, C, "stop/2", ground="unlawful")
    say(world, A, "lift/2", seat="supervisor")
    say(world, N, "recall/2", root=root, ground="unlawful")
    with pytest.raises(StateError):
        say(world, A, "endorse/1", root=root)
    here = at(world, M)
    found = panel_at(world, here, case_at(world, M))
    assert [pair.value for pair in found.missing if pair.label == "quorum.signed"] == [N]
    assert [(pair.label, pair.value) for pair in found.dissents] == [(M, "facts")]
    assert [pair.label for pair in found.stops] == [M, C, A]
    assert found.sequence[-1].marks[0].text == Said().say("several.framed_only")
    assert any(pair.label == Said().say("several.stale") for pair in found.standing)
    assert found.copies
    met = panel_at(world, at(world, N), case_at(world, N))
    assert met.sequence[0].reason == ""
    assert several.panel(visit(here), CaseId("none")) is None


def test_a_form_is_filled_with_what_the_case_says_and_offers_each_section() -> None:
    world = a_world()
    root = do(world, N, proposal()).digest
    here, case = at(world, N), case_at(world, N)
    endorse = here.station.practices.kind("papers.endorse/1")
    assert several.known(visit(here), case, endorse) == {"body.root": root}
    amend = here.station.practices.kind("papers.amend/1")
    known = several.known(visit(here), case, amend)
    assert known["body.parties"].startswith("xa.border, ")
    draft = forms.blank(amend, known)
    said = cast("Tongue", Said())
    names = [each.name for each in forms.inputs(draft, PRACTICE, said)]
    assert "body.sections/0/body/text" in names
    assert "body.sections/1/audience" in names
    assert "body.act" not in names
    assert set(ALL) == {each.party for each in view_at(world, N).roster}
    assert AgencyId(N) in ALL
