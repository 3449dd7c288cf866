"""What is said: drafts and statements, under which markings."""

from comity.message.content import Content, decode_content
from comity.message.draft import Draft, Facts, Item, Urgency, value_at
from comity.message.handling import CODES, OPEN, Handling, Pap, Setting, Tlp, handling
from comity.message.schemes import (
    CAVEATS,
    NATIONAL,
    Classification,
    caveat,
    classification,
    code_lists,
    equivalent,
    systems,
    term,
)
from comity.message.statement import Grade, Statement, Status

__all__ = [
    "CAVEATS",
    "CODES",
    "NATIONAL",
    "OPEN",
    "Classification",
    "Content",
    "Draft",
    "Facts",
    "Grade",
    "Handling",
    "Item",
    "Pap",
    "Setting",
    "Statement",
    "Status",
    "Tlp",
    "Urgency",
    "caveat",
    "classification",
    "code_lists",
    "decode_content",
    "equivalent",
    "handling",
    "systems",
    "term",
    "value_at",
]
