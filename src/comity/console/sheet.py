"""A page of titled sections with acts beside them: outcomes, messages, referrals, registers."""

from dataclasses import dataclass
from typing import ClassVar

from comity.console.parts import Act, Chip, Deadline, Entry, Finding, Form, Pair, Tone, Verdict
from comity.console.views import READY, Condition, Tab


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a list: what, about what, by when, and where it leads."""

    text: str
    href: str = ""
    detail: str = ""
    chips: tuple[Chip, ...] = ()
    due: Deadline | None = None
    forms: tuple[Form, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One titled part; a section shows whichever of its members it has."""

    title: str
    lead: str = ""
    quote: str = ""
    """What a person wrote: always text."""
    pairs: tuple[Pair, ...] = ()
    findings: tuple[Finding, ...] = ()
    lines: tuple[Line, ...] = ()
    forms: tuple[Form, ...] = ()
    note: str = ""
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page made of sections; `side` stands beside the main ones."""

    TEMPLATE: ClassVar[str] = "sheet.html"
    title: str
    lead: str = ""
    back: Act | None = None
    chips: tuple[Chip, ...] = ()
    tlp: str = ""
    verdict: Verdict | None = None
    sections: tuple[Section, ...] = ()
    side: tuple[Section, ...] = ()
    acts: tuple[Act, ...] = ()
    entry: Entry | None = None
    condition: Condition = READY
    topic: str = "sheet"
    tabs: tuple[Tab, ...] = ()
    """The pages beside this one."""
    sound: str = ""
    """A sound of our own that this page plays as it is shown."""
