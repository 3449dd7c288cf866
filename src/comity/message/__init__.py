"""What is said: drafts and statements, under which markings."""

from comity.message.content import Content, decode_content
from comity.message.draft import Draft, Facts, Item, Urgency, value_at
from comity.message.handling import CODES, OPEN, Handling, Setting, Tlp, handling
from comity.message.statement import Grade, Statement, Status

__all__ = [
    "CODES",
    "OPEN",
    "Content",
    "Draft",
    "Facts",
    "Grade",
    "Handling",
    "Item",
    "Setting",
    "Statement",
    "Status",
    "Tlp",
    "Urgency",
    "decode_content",
    "handling",
    "value_at",
]
