"""Turn a view model into a page: one Jinja environment, everything escaped."""

import hashlib
from collections.abc import MutableMapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Final, cast
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from comity.console import foreign, words
from comity.console.parts import Shell
from comity.console.views import Page
from comity.core.clock import Instant, iso
from comity.core.errors import StateError

SECURITY_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "img-src 'self'; media-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
"""Sent with every page."""

_STATIC: Final = files("comity.console").joinpath("static")


@cache
def _icons() -> frozenset[str]:
    sprite = _STATIC.joinpath("vendor/icons.svg").read_text(encoding="utf-8")
    return frozenset(part.partition('"')[0] for part in sprite.split('<symbol id="')[1:])


@cache
def asset(name: str) -> str:
    """Return the address of a static file, with its digest so that caches may keep it."""
    content = _STATIC.joinpath(name).read_bytes()
    return f"/static/{name}?{hashlib.sha256(content).hexdigest()[:12]}"


def icon(name: str, kind: str = "") -> Markup:
    """Return one icon of the sprite; raises `StateError` on a name it does not hold."""
    if name not in _icons():
        raise StateError(f"no icon `{name}` in the sprite")
    return Markup(
        '<svg class="i {}" viewBox="0 0 24 24" aria-hidden="true"><use href="{}#{}"/></svg>'
    ).format(kind, asset("vendor/icons.svg"), name)


def when(instant: Instant) -> Markup:
    """Return a time element: UTC in Latin digits; the script adds local time on hover."""
    moment = datetime.fromtimestamp(instant / 1000, UTC)
    text = f"{moment.day} {moment:%b %Y %H:%M} UTC"
    return Markup('<bdi><time datetime="{}">{}</time></bdi>').format(iso(instant), text)


def day(instant: Instant) -> Markup:
    """Return a time element that shows the UTC day alone."""
    moment = datetime.fromtimestamp(instant / 1000, UTC)
    text = f"{moment.day} {moment:%b %Y}"
    return Markup('<bdi><time datetime="{}">{}</time></bdi>').format(iso(instant), text)


def hour(instant: Instant) -> Markup:
    """Return a time element that shows hours and minutes, for what is due today."""
    moment = datetime.fromtimestamp(instant / 1000, UTC)
    return Markup('<bdi><time datetime="{}">{}</time></bdi>').format(
        iso(instant), f"{moment:%H:%M}"
    )


def host(url: str) -> str:
    """Return the host of an address, as a reader recognises it."""
    return urlsplit(url).hostname or url


@cache
def _environment(lang: str) -> Environment:
    spoken = words.load(lang)
    environment = Environment(
        loader=PackageLoader("comity.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=foreign.finalize,
    )
    # The library names its own defaults in these types; any function may be added.
    names = cast("MutableMapping[str, object]", environment.globals)
    names.update(t=spoken.phrase, say=spoken.label, i=icon, asset=asset)
    environment.filters.update(
        when=when,
        day=day,
        hour=hour,
        host=host,
        foreign=foreign.isolate,
        verbatim=foreign.verbatim,
    )
    tests = cast("MutableMapping[str, object]", environment.tests)
    tests["mixed_scripts"] = foreign.has_mixed_scripts
    return environment


def render(page: Page, shell: Shell) -> str:
    """Render a page inside its shell, in the shell's language."""
    template = _environment(shell.lang).get_template(page.TEMPLATE)
    return template.render(page=page, shell=shell)
