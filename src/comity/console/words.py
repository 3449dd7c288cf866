"""The page words of each language, looked up by key; a missing key is our own fault."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from markupsafe import Markup, escape

from comity.console.foreign import isolate, reveal
from comity.core.errors import StateError

LANGUAGES = ("en", "ar")
"""The languages with page words; a person's other choice falls back to the first."""

Given = str | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of one language."""

    lang: str
    entries: Mapping[str, str]

    def phrase(self, key: str, /, **given: Given) -> Markup:
        """Return a phrase for the page, each given value escaped and isolated.

        Raises `StateError` on a key without words or a value the phrase needs and lacks.
        """
        return self._filled(key, {name: isolate(value) for name, value in given.items()})

    def label(self, key: str, /, **given: Given) -> Markup:
        """Return a phrase for an attribute or a title: the same without elements in it."""
        return self._filled(key, {name: escape(reveal(str(v))) for name, v in given.items()})

    def _filled(self, key: str, given: Mapping[str, Markup]) -> Markup:
        try:
            return escape(self.entries[key]).format_map(given)
        except KeyError:
            raise StateError(
                f"no words for `{key}` in `{self.lang}`, or a value is missing"
            ) from None


def load(lang: str) -> Words:
    """Read the words of a language; a language we have no words for gets English."""
    known = lang if lang in LANGUAGES else LANGUAGES[0]
    text = files("comity.console").joinpath(f"locale/{known}.json").read_text(encoding="utf-8")
    return Words(lang=known, entries=json.loads(text))
