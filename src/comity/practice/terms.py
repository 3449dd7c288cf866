"""The closed choices a declaration is made of."""

from enum import Enum, unique


@unique
class Type(Enum):
    """What a field holds, on the wire and in a form."""

    TEXT = "text"
    LINE = "line"
    CODE = "code"
    CODES = "codes"
    FLAG = "flag"
    INTEGER = "integer"
    INSTANT = "instant"
    REFERENCE = "reference"
    """The id of a message or statement both sides hold, 32 hex digits."""
    PATH = "path"
    """A place in the message named beside it: `entities/0/properties/birthDate/0`."""
    ENTITY = "entity"
    """One FollowTheMoney entity: `{"id", "schema", "properties": {name: [values]}}`."""
    ENTITIES = "entities"
    ATTACHMENTS = "attachments"
    """`[{"name", "media", "digest", "content"}]`, content inline within `limits.ATTACHMENT`;
    a larger one has `blob` in its place."""
    DIGEST = "digest"
    """The digest of an act of several parties, 64 hex digits; of a revision, its root."""
    DIGESTS = "digests"
    PARTIES = "parties"
    """Parties of the case, by agency."""
    ROSTER = "roster"
    """Who the parties of a case are: `[{"party": "xn.police", "roles": ["lead"]}]`."""
    SECTIONS = "sections"
    """Parts of one body, each with its own marking and audience."""
    ACT = "act"
    """What the kit puts beside the fields of an act of several parties (`parts`)."""
    NUMBERS = "numbers"
    """Numbers as a convenor's node signed them."""


VALUES = frozenset({Type.ENTITY, Type.ENTITIES, Type.ATTACHMENTS, Type.LINE})
"""Types that carry new values; a protective message has none."""
FRAMED = frozenset(
    {Type.CODE, Type.FLAG, Type.INTEGER, Type.INSTANT}
    | {Type.DIGEST, Type.DIGESTS, Type.PARTIES, Type.ROSTER}
)
"""Types that may stand in the frame of an act, which every party of its case reads."""


@unique
class Need(Enum):
    """Whether a field must be filled."""

    REQUIRED = "required"
    OPTIONAL = "optional"


@unique
class Side(Enum):
    """Who in a case may take a step: who opened it, who was asked, or either."""

    OPENER = "opener"
    ASKED = "asked"
    EITHER = "either"


@unique
class Second(Enum):
    """Whether an act needs a second person, and when; from loosest to strictest."""

    NONE = "none"
    LAPSING = "lapsing"
    """Acts at once, and lapses unless a second person of the same party confirms it."""
    AFTER = "after"
    """Before, unless a stated threat to life holds: then within 24 h, or it is recalled."""
    BEFORE = "before"
