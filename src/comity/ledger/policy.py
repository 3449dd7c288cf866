"""Who must have seen a checkpoint (C2SP tlog-policy): logs, witnesses, groups and a quorum."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from comity.core.errors import InvalidInputError
from comity.ledger.checkpoint import OpenedNote
from comity.ledger.note import KeyType, Verifier, parse_text, parse_vkey

_NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A rule over signatures; an empty `logs` leaves the log to the context."""

    logs: tuple[Verifier, ...]
    witnesses: Mapping[str, Verifier]
    groups: Mapping[str, tuple[int, tuple[str, ...]]]
    """Group name to the number of members that must have signed, and the members."""
    quorum: str

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        """Every key the policy names."""
        return (*self.logs, *self.witnesses.values())

    def is_met(self, opened: OpenedNote) -> bool:
        """Whether a log of this origin and a quorum of witnesses verifiably signed."""
        seen = {signature.verifier for signature in opened.seen}
        origin = opened.checkpoint.origin
        is_logged = any(log in seen and log.name == origin for log in self.logs)
        return (is_logged or not self.logs) and self._has_seen(self.quorum, seen)

    def met_at(self, opened: OpenedNote) -> int | None:
        """Return the time in unix seconds by which a quorum had seen it; `None` if none has.

        It is 0 where the policy asks for no witness. Each witness vouches for its own time.
        """
        if not self.is_met(opened):
            return None
        return self._time(self.quorum, {one.verifier: one.at or 0 for one in opened.seen})

    def _has_seen(self, name: str, seen: set[Verifier]) -> bool:
        return self._time(name, dict.fromkeys(seen, 0)) is not None

    def _time(self, name: str, times: Mapping[Verifier, int]) -> int | None:
        if name == _NONE:
            return 0
        if name in self.witnesses:
            return times.get(self.witnesses[name])
        least, members = self.groups[name]
        found = [self._time(member, times) for member in members]
        at = sorted(time for time in found if time is not None)
        return at[least - 1] if len(at) >= least else None


@dataclass(slots=True, kw_only=True)
class _Draft:
    """What the lines read so far define."""

    logs: list[Verifier] = field(default_factory=list[Verifier])
    witnesses: dict[str, Verifier] = field(default_factory=dict[str, Verifier])
    groups: dict[str, tuple[int, tuple[str, ...]]] = field(
        default_factory=dict[str, tuple[int, tuple[str, ...]]]
    )
    grouped: set[str] = field(default_factory=set[str])
    quorum: str = ""

    def read(self, words: list[str]) -> None:
        match words:
            case ["log", vkey] | ["log", vkey, _]:
                self.logs.append(_key(vkey, self.logs, (KeyType.ED25519, KeyType.ML_DSA_44)))
            case ["witness", name, vkey] | ["witness", name, vkey, _]:
                held = [*self.witnesses.values()]
                kinds = (KeyType.COSIGNATURE, KeyType.ML_DSA_44)
                self.witnesses[self._fresh(name)] = _key(vkey, held, kinds)
            case ["group", name, least, *members] if members:
                self._group(name, least, members)
            case ["quorum", name] if not self.quorum:
                self.quorum = name if name == _NONE else self._defined(name)
            case _:
                raise InvalidInputError("expected log, witness, group or one quorum")

    def _group(self, name: str, least: str, members: list[str]) -> None:
        for member in members:
            if self._defined(member) in self.grouped:
                raise InvalidInputError(f"`{member}` is a member of another group")
            self.grouped.add(member)
        words = {"any": 1, "all": len(members)}
        digits = (
            least if least.isascii() and least.isdigit() and len(least) <= len("999") else "0"
        )
        needed = words.get(least) or int(digits)
        if not 1 <= needed <= len(members):
            raise InvalidInputError(
                f"expected any, all or 1 to {len(members)}, got `{least[:40]}`"
            )
        self.groups[self._fresh(name)] = (needed, tuple(members))

    def _defined(self, name: str) -> str:
        if name not in self.witnesses and name not in self.groups:
            raise InvalidInputError(f"`{name[:80]}` is not defined on an earlier line")
        return name

    def _fresh(self, name: str) -> str:
        if name == _NONE or name in self.witnesses or name in self.groups:
            raise InvalidInputError(f"`{name[:80]}` is defined already")
        return name


def parse_policy(data: bytes) -> Policy:
    """Read a policy file in UTF-8; raises `InvalidInputError` naming the line."""
    text = parse_text(data.replace(b"\t", b" "))
    if "\x7f" in text:
        raise InvalidInputError("expected no control byte but tab and newline in a policy")
    draft = _Draft()
    for number, line in enumerate(text.split("\n"), start=1):
        words = [word for word in line.split(" ") if word]
        if not words or words[0].startswith("#"):
            continue
        try:
            draft.read(words)
        except InvalidInputError as error:
            raise InvalidInputError(f"line {number} of a policy: {error}") from error
    if not draft.quorum:
        raise InvalidInputError("expected one quorum line in a policy")
    return Policy(
        logs=tuple(draft.logs),
        witnesses=draft.witnesses,
        groups=draft.groups,
        quorum=draft.quorum,
    )


def _key(vkey: str, held: list[Verifier], kinds: tuple[KeyType, ...]) -> Verifier:
    made = parse_vkey(vkey)
    if made.type not in kinds:
        raise InvalidInputError(f"key type {made.type:02x} has no place on this line")
    if any(made.key == other.key for other in held):
        raise InvalidInputError("the same public key stands on an earlier line")
    return made
