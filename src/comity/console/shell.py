"""What stands around every page: who is signed in, where they can go, how the node stands."""

from collections.abc import Callable, Sequence
from typing import Final

from comity.console.parts import Marking, Officer, RailGroup, RailItem, Shell
from comity.console.visit import Visit
from comity.core.errors import AuthorisationError, ComityError
from comity.core.ids import member_of
from comity.desk import LINE, OVERSEERS, READERS
from comity.message import Handling, Setting

_STAFF: Final = frozenset({"admin", "engineer", "oversight"})
_ALL: Final = READERS | _STAFF
RAIL: Final = (
    (
        "",
        (
            ("inbox", "/", "inbox", READERS),
            ("compose", "/compose", "pen-line", LINE),
            ("screening", "/screening", "scan-search", LINE),
            ("pending", "/pending", "users", READERS),
            ("referrals", "/referrals", "gavel", READERS),
            ("duty", "/duty", "bell", READERS | {"admin", "engineer"}),
        ),
    ),
    (
        "rail.records",
        (
            ("corrections", "/corrections", "rotate-ccw", READERS),
            ("reviews", "/reviews", "hourglass", READERS),
            ("watches", "/watches", "hourglass", OVERSEERS),
            ("lists", "/lists", "list-checks", READERS | {"engineer"}),
            ("law", "/law", "scale", _ALL),
        ),
    ),
    (
        "rail.network",
        (
            ("partners", "/partners", "network", _ALL),
            ("doors", "/doors", "lock", READERS),
            ("departures", "/departures", "log-out", READERS),
            ("oversight", "/oversight", "shield-check", _ALL),
            ("people", "/people", "user-plus", _ALL),
        ),
    ),
)
"""Where each seat may look; the desk decides again at every act."""


def shell_of(visit: Visit, *, marking: Handling | None, told: str) -> Shell:
    """Return the shell of a page for this person."""
    own = member_of(visit.desk.agency)
    reachable, partners = _partners(visit)
    return Shell(
        csrf=visit.signed.csrf,
        agency=visit.window.office.config.name,
        marking=None if marking is None else marking_of(marking, own, visit),
        officer=officer_of(visit),
        rail=_rail(visit),
        lang=visit.said.lang,
        theme=visit.tastes.theme,
        has_keys=visit.tastes.has_keys,
        reachable=reachable,
        partners=partners,
        degraded=_degraded(visit),
        told=visit.said.entries.get(f"told.{told}", ""),
        calls=len(visit.desk.duty.called(visit.actor)),
        here=visit.path,
    )


def bare_shell(visit: Visit) -> Shell:
    """Return a shell that reads nothing, for a page that says what went wrong."""
    return Shell(
        csrf=visit.signed.csrf,
        agency=visit.window.office.config.name,
        officer=officer_of(visit),
        rail=_rail(visit),
        lang=visit.said.lang,
        theme=visit.tastes.theme,
        has_keys=visit.tastes.has_keys,
    )


def officer_of(visit: Visit) -> Officer:
    """Return who is signed in, with the seats held now."""
    seats = [visit.said.code("seat", seat) for seat in sorted(visit.actor.seats)]
    return Officer(
        name=visit.signed.name,
        initials=initials(visit.signed.name),
        role=", ".join(seats) or visit.said.say("shell.no_seat"),
    )


def initials(name: str) -> str:
    """Return up to two initials of a name."""
    words = name.split()
    return "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper()


def marking_of(marking: Handling, own: str, visit: Visit) -> Marking:
    """Return a page's highest marking; of a list of recipients each sees only its own place."""
    shown = marking.tlp.label.removeprefix("TLP:")
    is_exercise = marking.setting is Setting.EXERCISE
    listed = sorted({own} & (marking.releasable or frozenset()))
    return Marking(
        level=", ".join(sorted(marking.classes))
        or visit.said.code("level", str(marking.level)),
        tlp=shown,
        releasable=", ".join(listed),
        exercise=visit.said.say("shell.exercise_name") if is_exercise else "",
    )


def _rail(visit: Visit) -> tuple[RailGroup, ...]:
    said, desk, actor = visit.said, visit.desk, visit.actor
    counts = {
        "pending": _count(lambda: desk.correspondence.awaiting(actor)),
        "referrals": _count(lambda: desk.correspondence.referrals(actor)),
    }
    groups = (
        RailGroup(
            title=said.say(title) if title else "",
            items=tuple(
                RailItem(
                    text=said.say(f"rail.{name}"),
                    href=href,
                    icon=icon,
                    count=counts.get(name, 0),
                    is_current=_is_here(visit.path, href),
                )
                for name, href, icon, seats in items
                if seats & actor.seats
            ),
        )
        for title, items in RAIL
    )
    return tuple(group for group in groups if group.items)


def _is_here(path: str, href: str) -> bool:
    """Whether a page is this line of the rail, or one beneath it."""
    return path == href or (href != "/" and path.startswith(f"{href}/"))


def _count(listed: Callable[[], Sequence[object]]) -> int:
    try:
        return len(listed())
    except AuthorisationError:
        return 0


def _partners(visit: Visit) -> tuple[int, int]:
    try:
        own = visit.desk.agency
        nodes = [node for node in visit.directory.nodes() if own not in node.agencies]
    except ComityError:
        # A node that has not joined a network yet still shows its pages.
        return 0, 0
    waiting = [visit.window.waiting_since(node.node) for node in nodes]
    return waiting.count(None), len(nodes)


def _degraded(visit: Visit) -> str:
    try:
        is_old = visit.directory.is_expired(visit.now)
    except ComityError:
        return visit.said.say("shell.no_network")
    return visit.said.say("shell.old_directory") if is_old else ""
