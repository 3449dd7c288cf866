"""What a practice must declare to live in Comity: kinds, fields, states, steps, pages."""

from comity.practice.categories import category
from comity.practice.fields import (
    Body,
    Fault,
    Filled,
    choice,
    from_form,
    items,
    parse_body,
    protects,
    second,
    urgency,
)
from comity.practice.machine import (
    Standing,
    advance,
    allowed,
    branch,
    elapse,
    lapse,
    owed,
    standing,
)
from comity.practice.model import (
    Branch,
    Duty,
    Field,
    Kind,
    Parties,
    Practice,
    Step,
    Timer,
)
from comity.practice.pages import Column, Form, Page
from comity.practice.registry import Registry, kinds
from comity.practice.rows import ROWS, CaseFieldRow, CaseRow, TaskRow, case_fields, normalised
from comity.practice.terms import VALUES, Need, Second, Side, Type
from comity.practice.universal import CONFIRM_WITHIN, STOP_LAPSES, UNSTOPPED, WORDS, universal
from comity.practice.values import attachment, expected
from comity.practice.words import Words, read_words, wanted, wanted_of_kit

__all__ = [
    "CONFIRM_WITHIN",
    "ROWS",
    "STOP_LAPSES",
    "UNSTOPPED",
    "VALUES",
    "WORDS",
    "Body",
    "Branch",
    "CaseFieldRow",
    "CaseRow",
    "Column",
    "Duty",
    "Fault",
    "Field",
    "Filled",
    "Form",
    "Kind",
    "Need",
    "Page",
    "Parties",
    "Practice",
    "Registry",
    "Second",
    "Side",
    "Standing",
    "Step",
    "TaskRow",
    "Timer",
    "Type",
    "Words",
    "advance",
    "allowed",
    "attachment",
    "branch",
    "case_fields",
    "category",
    "choice",
    "elapse",
    "expected",
    "from_form",
    "items",
    "kinds",
    "lapse",
    "normalised",
    "owed",
    "parse_body",
    "protects",
    "read_words",
    "second",
    "standing",
    "universal",
    "urgency",
    "wanted",
    "wanted_of_kit",
]
