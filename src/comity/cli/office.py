"""The office's own commands: `inbox`, `case …`, `screen`, `record import`, `assess …`."""

import json
from collections.abc import Callable

import typer

from comity.cli.assessing import ASSESS, truth
from comity.cli.batching import LIFT, SCREEN
from comity.cli.client import OpenNode
from comity.cli.command import (
    Command,
    Given,
    add_command,
    argument,
    option,
    repeated,
    switch,
)
from comity.cli.custody import ASSURANCE, REVIEW, TEARLINE
from comity.cli.doors import DOOR
from comity.cli.duty import DUTY
from comity.cli.files import FILE
from comity.cli.importing import import_file
from comity.cli.judging import compare, judge
from comity.cli.practice import facts_of, list_cases, outcome, show_case
from comity.cli.say import Document, Said, at, listed, texts, within
from comity.cli.subject import SUBJECT
from comity.cli.watching import WATCH

_CASE = argument("case", "The case's reference.")
_ENTITY = argument("entity", "The candidate's id, as `screen` prints it.")
_PENDING = argument("pending", "What waits, as `comity case pending` prints it.")


def add_office(app: typer.Typer, *, open_node: OpenNode) -> None:
    """Add the office's commands."""
    groups = {
        "case": ("Work on a case.", CASE),
        "file": ("Large files that wait for a letter, and files of messages.", FILE),
        "door": ("Close this member's own door to a partner.", DOOR),
        "duty": ("Who is on duty, where they are woken, and the calls that stand.", DUTY),
        "record": ("Bring in what this node holds.", RECORD),
        "assess": ("Standing answers about partners, by two persons.", ASSESS),
        "review": ("What is looked at again before it is erased.", REVIEW),
        "assurance": ("Written assurances against the death penalty.", ASSURANCE),
        "watch": ("Questions kept for a time because their asker requested it.", WATCH),
        "tearline": ("Lower renditions of what is held.", TEARLINE),
    }
    for command in (INBOX, SCREEN):
        add_command(app, command, open_node=open_node)
    for name, (about, commands) in groups.items():
        group = typer.Typer(help=about, no_args_is_help=True)
        for command in commands:
            add_command(group, command, open_node=open_node)
        app.add_typer(group, name=name)


def open_message(given: Given) -> Said:
    """Open a message; the first time, the ledger and its sender learn of it."""
    found = given.client.get("messages", given.text("mid"))
    body = within(found, "body")
    head = f"{at(found, 'kind')}  {at(found, 'partner')}  {at(found, 'handling')}"
    return Said(document=found, lines=[head, *(f"  {name}: {body[name]}" for name in body)])


def validate(given: Given) -> Said:
    """Validate what went on the emergency path."""
    body: Document = {"reasons": given.text("reasons")}
    found = given.client.post("messages", given.text("mid"), "validate", body=body)
    return Said(document=found, lines=["validated"])


def assign(given: Given) -> Said:
    """Give a case to a person, or back to the seat."""
    person = given.text("person") or None
    found = given.client.post("cases", given.text("case"), "assign", body={"person": person})
    return Said(document=found, lines=["assigned" if person else "given back"])


def state_fact(given: Given) -> Said:
    """State a fact of a case."""
    fact, _, answer = given.text("fact").partition("=")
    body: Document = {"fact": fact, "value": truth(answer)}
    found = given.client.post("cases", given.text("case"), "facts", body=body)
    return Said(document=found, lines=["stated"])


def list_decisions(given: Given) -> Said:
    """List what our own law answered in a case."""
    found = given.client.get("cases", given.text("case"), "decisions")
    lines = [
        f"{at(each, 'reference')}  {at(each, 'at')}  {at(each, 'verdict')}  {at(each, 'kind')}"
        f"  {at(each, 'recipient')}"
        for each in listed(found, "decisions")
    ]
    return Said(document=found, lines=lines)


def show_decision(given: Given) -> Said:
    """Show one answer of our own law with its provisions, or the question it answered."""
    found = given.client.get("decisions", given.text("reference"))
    if given.values.get("question"):
        asked = within(found, "question")
        return Said(document=asked, lines=json.dumps(asked, indent=1).splitlines())
    recorded = within(found, "recorded")
    again = "the same today" if found.get("is_same") else "otherwise today, or erased"
    head = f"{at(recorded, 'verdict')} at {at(recorded, 'at')}; {again}"
    decision = within(found, "decision")
    reasons = [
        f"{at(each, 'outcome')}: {at(each, 'text')} ({at(each, 'cite')})  {at(each, 'url')}"
        for each in listed(decision, "reasons")
    ]
    return Said(document=found, lines=[head, *reasons])


def list_pending(given: Given) -> Said:
    """List what waits for a second person, and drafts that wait for a named one."""
    waiting, referred = given.client.get("pending"), given.client.get("referrals")
    lines = [
        f"confirm {at(each, 'pending')}  {at(each, 'case')}  {at(each, 'kind')}"
        for each in listed(waiting, "pending")
    ] + [
        f"resume {at(each, 'reference')}  {at(each, 'case')}  {at(each, 'kind')}"
        for each in listed(referred, "referrals")
    ]
    return Said(document={**waiting, **referred}, lines=lines or ["nothing waits"])


def show_referral(given: Given) -> Said:
    """Show a referred draft and what the law says of it today."""
    found = given.client.get("referrals", given.text("reference"))
    return Said(document=found, lines=texts(within(found, "decision"), "lines"))


def resume(given: Given) -> Said:
    """Ask the law again, with rules lifted or facts stated."""
    facts = facts_of(given)
    body: Document = {"lift": given.texts("lift"), "facts": facts or None}
    return outcome(given.client.post("referrals", given.text("reference"), "resume", body=body))


def _act(*path: str, word: str) -> Callable[[Given], Said]:
    """Return what posts to a path; a part in braces names the parameter that fills it."""

    def run(given: Given) -> Said:
        parts = [given.text(part[1:-1]) if part[0] == "{" else part for part in path]
        return Said(document=given.client.post(*parts), lines=[word])

    return run


INBOX = Command(
    word="inbox",
    about="List what waits for you, the soonest due first.",
    example="comity inbox --view mine",
    parameters=(
        option("view", "--view", "to-do, mine, second, waiting or closed.", default="to-do"),
    ),
    run=list_cases,
)
CASE = (
    Command(
        word="show",
        about="Show a case.",
        example="comity case show 2026-2d3400e7b6",
        parameters=(_CASE,),
        run=show_case,
    ),
    Command(
        word="open",
        about="Open a message; its sender learns that it was seen.",
        example="comity case open 019e830e1a007f7bb09b44db27528184",
        parameters=(argument("mid", "The message's id."),),
        run=open_message,
    ),
    Command(
        word="release",
        about="Let in a message that the law held for a person.",
        example="comity case release 019e830e1a007f7bb09b44db27528184",
        parameters=(argument("mid", "The message's id."),),
        run=_act("messages", "{mid}", "release", word="released"),
    ),
    Command(
        word="validate",
        about="Validate what went on the emergency path, as another person than its sender.",
        example="comity case validate 019e830e1a007f7bb09b44db27528184"
        " --reasons 'The threat was real.'",
        parameters=(
            argument("mid", "The message's id."),
            option("reasons", "--reasons", "Why it may stay; kept with the act."),
        ),
        run=validate,
    ),
    Command(
        word="erase",
        about="Destroy the content of a received message at once.",
        example="comity case erase 019e830e1a007f7bb09b44db27528184",
        parameters=(argument("mid", "The message's id."),),
        run=_act("messages", "{mid}", "erase", word="erased"),
    ),
    Command(
        word="comply",
        about="Erase what a recall names, and tell its originator so.",
        example="comity case comply 019e830e1a007f7bb09b44db27528184",
        parameters=(argument("mid", "The recall's id."),),
        run=lambda given: outcome(given.client.post("messages", given.text("mid"), "comply")),
    ),
    Command(
        word="abandon",
        about="Give up a referred draft, and erase it.",
        example="comity case abandon 10e11a34ee062b92a1bd0d94cf12fab1",
        parameters=(argument("reference", "The referral's reference."),),
        run=_act("referrals", "{reference}", "abandon", word="given up"),
    ),
    Command(
        word="assign",
        about="Give a case to a person; without one, back to the seat.",
        example="comity case assign 2026-2d3400e7b6 --person xn.police/7f3a",
        parameters=(_CASE, option("person", "--person", "Who takes it.")),
        run=assign,
    ),
    Command(
        word="state",
        about="State a fact of a case; later messages of it inherit it.",
        example="comity case state 2026-2d3400e7b6 conduct_bombing=yes",
        parameters=(_CASE, argument("fact", "NAME=yes|no|unknown.")),
        run=state_fact,
    ),
    LIFT,
    Command(
        word="pending",
        about="List what waits for a second person or a named seat.",
        example="comity case pending",
        run=list_pending,
    ),
    Command(
        word="confirm",
        about="Confirm another person's act and let it go on.",
        example="comity case confirm 10e11a34ee062b92a1bd0d94cf12fab1",
        parameters=(_PENDING,),
        run=lambda given: outcome(
            given.client.post("pending", given.text("pending"), "confirm")
        ),
    ),
    Command(
        word="drop",
        about="Take back an act that still waits; nothing has left.",
        example="comity case drop 10e11a34ee062b92a1bd0d94cf12fab1",
        parameters=(_PENDING,),
        run=_act("pending", "{pending}", "drop", word="dropped"),
    ),
    Command(
        word="referral",
        about="Show a referred draft and what the law says of it today.",
        example="comity case referral 10e11a34ee062b92a1bd0d94cf12fab1",
        parameters=(argument("reference", "The referral's reference."),),
        run=show_referral,
    ),
    Command(
        word="decisions",
        about="List what our own law answered in a case, the newest first.",
        example="comity case decisions 2026-2d3400e7b6",
        parameters=(_CASE,),
        run=list_decisions,
    ),
    Command(
        word="decision",
        about="Follow one answer to its provisions; --question prints what it was asked.",
        example="comity case decision 10e11a34ee062b92a1bd0d94cf12fab1 --question",
        parameters=(
            argument("reference", "The decision, as `comity case decisions` prints it."),
            switch("question", "--question", "Print the question as one JSON document."),
        ),
        run=show_decision,
    ),
    Command(
        word="resume",
        about="Ask the law again, with rules lifted by your seat or facts now known.",
        example="comity case resume 10e11a34ee062b92a1bd0d94cf12fab1"
        " --fact national_law_permits=yes",
        parameters=(
            argument("reference", "The referral's reference."),
            repeated("lift", "--lift", "A rule your seat lifts; repeat it for more."),
            repeated("told", "--fact", "NAME=yes|no|unknown."),
        ),
        run=resume,
    ),
    Command(
        word="compare",
        about="Lay a candidate beside what was asked; no score before your first view.",
        example="comity case compare 2026-2d3400e7b6 ofac-1234 --name 'Anna Example'",
        parameters=(_CASE, _ENTITY, *SUBJECT),
        run=compare,
    ),
    Command(
        word="judge",
        about="Record your view on a candidate: first without the score, then --final.",
        example="comity case judge 2026-2d3400e7b6 ofac-1234 --name 'Anna Example'"
        " --view different --reason 'Born in another year.'",
        parameters=(
            _CASE,
            _ENTITY,
            *SUBJECT,
            option("view", "--view", "same, different or unsure."),
            option("reason", "--reason", "Why; it is kept with the view."),
            switch("final", "--final", "This is your final view."),
        ),
        run=judge,
    ),
)
RECORD = (
    Command(
        word="import",
        about="Bring in a list or a file: what changes is shown, then committed.",
        example="comity record import sdn/ --format ofac-sdn --published 2026-11-20T00:00:00Z"
        " --marking TLP:CLEAR --basis 'Security Council resolution 1373 (2001), para. 1(c)'",
        parameters=(
            argument("file", "The file, or the folder of an OFAC list."),
            option("form", "--format", "ftm, ofac-sdn, un-sc or csv."),
            option("marking", "--marking", "How far its values may travel."),
            option("basis", "--basis", "The provision it is held on."),
            option("purpose", "--purpose", "What it is held for; else your token's purpose."),
            option("dataset", "--dataset", "Its name here; else the format's or the file's."),
            option("edition", "--edition", "Its edition; none for what is no list."),
            option("published", "--published", "When it was published: 2026-11-20T00:00:00Z."),
            option("until", "--until", "When it is erased."),
            switch("preview", "--preview", "Only show what would change."),
            option("digest", "--digest", "Commit only exactly what that preview showed."),
        ),
        run=import_file,
    ),
)
