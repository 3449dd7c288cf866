"""Which practice owns which kind. Built once, at start; a clash stops the node."""

from collections.abc import Iterable

from comity.core.errors import ConfigurationError, InvalidInputError
from comity.practice.model import Kind, Practice
from comity.practice.universal import WORDS, universal


def kinds(practice: Practice) -> tuple[Kind, ...]:
    """Return a practice's own kinds and those the kit adds."""
    return (*practice.kinds, *universal(practice.name))


class Registry:
    """The practices this node takes part in."""

    def __init__(self, practices: Iterable[Practice]) -> None:
        """Index `practices`; raises `ConfigurationError` where two claim a name or kind."""
        self.practices = tuple(practices)
        self._by_word: dict[str, Practice] = {}
        self._kinds: dict[str, tuple[Practice, Kind]] = {}
        for practice in self.practices:
            self._add(practice)

    def owner(self, kind: str) -> Practice:
        """Return the practice that owns `kind`; raises `InvalidInputError`."""
        return self._entry(kind)[0]

    def kind(self, name: str) -> Kind:
        """Return the kind of this wire name; raises `InvalidInputError`."""
        return self._entry(name)[1]

    def named(self, word: str) -> Practice:
        """Return the practice of this name or command; raises `InvalidInputError`."""
        if word not in self._by_word:
            raise InvalidInputError(f"unknown practice `{word[:40]}`")
        return self._by_word[word]

    def offered(self) -> frozenset[str]:
        """Return every kind this node takes, as the directory lists them."""
        return frozenset(self._kinds)

    def protective(self) -> tuple[str, ...]:
        """Return the kinds that protect people, in order: they travel in the first lane."""
        return tuple(
            sorted(name for name, (_, kind) in self._kinds.items() if kind.is_protective)
        )

    def _entry(self, kind: str) -> tuple[Practice, Kind]:
        if kind not in self._kinds:
            raise InvalidInputError(f"unknown kind `{kind[:80]}`")
        return self._kinds[kind]

    def _add(self, practice: Practice) -> None:
        for word in {practice.name, practice.command}:
            if self._by_word.setdefault(word, practice) is not practice:
                raise ConfigurationError(f"two practices answer to `{word}`")
        for kind in kinds(practice):
            if kind.name in self._kinds:
                raise ConfigurationError(f"kind `{kind.name}` is declared twice")
            if not kind.name.startswith(f"{practice.name}."):
                raise ConfigurationError(f"kind `{kind.name}` is not of `{practice.name}`")
            self._kinds[kind.name] = (practice, kind)
        # INVARIANT: no version of a universal word belongs to a practice, `stop/2` included.
        if taken := WORDS & {kind.word for kind in practice.kinds}:
            raise ConfigurationError(f"`{practice.name}` takes `{min(taken)}` from the kit")
