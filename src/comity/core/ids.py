"""Who and what is named: identifiers, parsed once at the edge.

Wire form, lower case, `[a-z0-9-]` between dots: member `xn` or `org-interpol`, agency
`xn.police`, node `xn.police.n1`, person `xn.police/<random>`. Law decides between agencies;
bytes go between nodes.
"""

import re
from typing import NewType

from comity.core.errors import InvalidInputError

MemberId = NewType("MemberId", str)
AgencyId = NewType("AgencyId", str)
NodeId = NewType("NodeId", str)
PersonId = NewType("PersonId", str)
MessageId = NewType("MessageId", bytes)
"""A UUIDv7, 16 bytes; its time is the signing time."""
RecordId = NewType("RecordId", str)
CaseId = NewType("CaseId", str)
EntityId = NewType("EntityId", str)

_PART = r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?"
_MEMBER = re.compile(rf"{_PART}")
_AGENCY = re.compile(rf"{_PART}\.{_PART}")
_NODE = re.compile(rf"{_PART}\.{_PART}\.{_PART}")
_PERSON = re.compile(rf"{_PART}\.{_PART}/[0-9a-z]{{4,32}}")


def member_id(text: str) -> MemberId:
    """Parse a member (`xn`, `org-interpol`); raises `InvalidInputError`."""
    return MemberId(_parsed(_MEMBER, text, "member `xn`"))


def agency_id(text: str) -> AgencyId:
    """Parse an agency (`xn.police`); raises `InvalidInputError`."""
    return AgencyId(_parsed(_AGENCY, text, "agency `xn.police`"))


def node_id(text: str) -> NodeId:
    """Parse a node (`xn.police.n1`); raises `InvalidInputError`."""
    return NodeId(_parsed(_NODE, text, "node `xn.police.n1`"))


def person_id(text: str) -> PersonId:
    """Parse a person (`xn.police/7f3a`); raises `InvalidInputError`."""
    return PersonId(_parsed(_PERSON, text, "person `xn.police/7f3a`"))


def member_of(name: AgencyId | NodeId) -> MemberId:
    """Return the member an agency or node belongs to."""
    return MemberId(name.split(".", 1)[0])


def message_text(mid: MessageId) -> str:
    """Write a message id as people and URLs see it: 32 hex digits."""
    return mid.hex()


def message_id(text: str) -> MessageId:
    """Read 32 hex digits; raises `InvalidInputError`."""
    if not re.fullmatch(r"[0-9a-f]{32}", text):
        raise InvalidInputError(f"expected a message id of 32 hex digits, got `{text[:40]}`")
    return MessageId(bytes.fromhex(text))


def _parsed(shape: re.Pattern[str], text: str, expected: str) -> str:
    if not shape.fullmatch(text):
        raise InvalidInputError(f"expected an id like {expected}, got `{text[:80]}`")
    return text
