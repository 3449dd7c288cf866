"""A person's own choices of theme, language and keys, kept in their browser alone."""

from collections.abc import Mapping

from comity.console.parts import Theme
from comity.console.visit import Tastes
from comity.console.words import LANGUAGES

COOKIE = "comity_tastes"
YEAR = 365 * 24 * 3600
_PARTS = 3


def read_tastes(cookie: str, accept: str) -> Tastes:
    """Read a choice kept before; without one the browser's languages decide."""
    parts = cookie.split(".")
    theme, lang, keys = parts if len(parts) == _PARTS else ("", "", "")
    return Tastes(
        theme=Theme(theme) if theme in {each.value for each in Theme} else Theme.AUTO,
        lang=lang if lang in LANGUAGES else _accepted(accept),
        has_keys=keys != "off",
    )


def chosen(form: Mapping[str, str]) -> str:
    """Write what a form chose as the cookie keeps it; what is not on offer is left out."""
    tastes = read_tastes(
        ".".join(form.get(name, "")[:8] for name in ("theme", "lang", "keys")), ""
    )
    return f"{tastes.theme.value}.{tastes.lang}.{'on' if tastes.has_keys else 'off'}"


def _accepted(header: str) -> str:
    """Return the first language a browser asks for that has words (RFC 9110, 12.5.4)."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(header[:500].split(",")):
        name, _, weight = part.strip().partition(";")
        ranked.append((-_quality(weight), place, name.partition("-")[0].lower()))
    found = (name for _, _, name in sorted(ranked) if name in LANGUAGES)
    return next(found, LANGUAGES[0])


def _quality(text: str) -> float:
    head, _, number = text.strip().partition("=")
    try:
        return float(number) if head == "q" else 1.0
    except ValueError:
        return 0.0
