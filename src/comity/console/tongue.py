"""The words of acts and practices in a person's language, as plain text for view models.

Page words stand in templates (`words`); these are the words that handlers speak: states, kinds,
fields, events. A practice brings its own, the kit's lie beneath.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from comity.console.words import LANGUAGES, Given
from comity.core.errors import StateError
from comity.practice import Kind, label, read_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongue:
    """What handlers say in one language."""

    lang: str
    entries: Mapping[str, str]

    def say(self, key: str, /, **given: Given) -> str:
        """Return a sentence, unescaped; raises `StateError` on a key without words."""
        try:
            return self.entries[key].format_map(given)
        except KeyError:
            raise StateError(f"no words for `{key}` in `{self.lang}`") from None

    def code(self, group: str, code: str) -> str:
        """Return the word of a code, or the code where nobody has worded it."""
        return self.entries.get(f"{group}.{code}", code)

    def kind(self, name: str) -> str:
        """Word a kind: `requests.ask/1` is *Ask*."""
        practice, _, rest = name.partition(".")
        word = rest.partition("/")[0]
        if practice == "screening":
            # No practice's: nothing is sent by it.
            return self.say(f"kind.screening.{word}")
        return _of_practice(practice, self.lang).get(f"kind.{word}", name)

    def state(self, practice: str, state: str) -> str:
        """Word a state of a practice."""
        return _of_practice(practice, self.lang).get(f"state.{state}", state)

    def section(self, kind: Kind, name: str, part: str) -> str:
        """Word a section of a practice, and one part of it: `Mission: In words`."""
        practice = kind.name.partition(".")[0]
        words = _of_practice(practice, self.lang)
        own = (
            self.say(f"section.{part}") if part in _PARTS else words.get(f"field.{part}", part)
        )
        return f"{words.get(f'section.{name}', name)}: {own}"

    def joint(self, practice: str, key: str) -> str:
        """Word a role, timer, quorum or reason of a case of several parties."""
        return _of_practice(practice, self.lang).get(key, key.partition(".")[2])

    def field(self, kind: Kind, name: str, code: str = "") -> str:
        """Word a field of a kind, or one code of it."""
        practice = kind.name.partition(".")[0]
        return label(_of_practice(practice, self.lang), kind, name, code=code)


_PARTS = frozenset({"name", "handling", "audience"})


@cache
def tongue(lang: str) -> Tongue:
    """Read the words of a language; one we have no words for gets English."""
    known = lang if lang in LANGUAGES else LANGUAGES[0]
    path = files("comity.console").joinpath(f"locale/acts/{known}.json")
    return Tongue(lang=known, entries=json.loads(path.read_text(encoding="utf-8")))


@cache
def _of_practice(name: str, lang: str) -> Mapping[str, str]:
    own = files(f"comity.practices.{name}").joinpath(f"locale/{lang}.json")
    kit = files("comity.practice").joinpath(f"locale/{lang}.json")
    return {**read_words(kit.read_bytes()), **read_words(own.read_bytes())}
