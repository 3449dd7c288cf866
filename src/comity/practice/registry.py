"""Which practice owns which kind. Built once, at start; a clash stops the node."""

from collections.abc import Iterable

from comity.core.errors import ConfigurationError, InvalidInputError
from comity.practice.joint import JointCase
from comity.practice.joint_kinds import JOINT_WORDS, is_joint, joint_of, kits, with_act
from comity.practice.model import Kind, Practice
from comity.practice.terms import FRAMED, Type
from comity.practice.universal import WORDS, universal


def kinds(practice: Practice) -> tuple[Kind, ...]:
    """Return a practice's own kinds and those the kit adds."""
    own = (with_act(kind) if joint_of(practice, kind.name) else kind for kind in practice.kinds)
    return (*own, *universal(practice.name), *kits(practice))


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

    def is_joint(self, name: str) -> bool:
        """Whether a kind travels in cases of several parties; raises `InvalidInputError`."""
        return is_joint(self.owner(name), name)

    def joint(self, practice: str, name: str) -> JointCase:
        """Return a type of case of several parties; raises `InvalidInputError`."""
        for joint in self.named(practice).joint:
            if joint.name == name:
                return joint
        raise InvalidInputError(f"unknown type of case `{name[:40]}`")

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
        self._claim(practice)
        # INVARIANT: no version of a universal word belongs to a practice, `stop/2` included.
        if taken := (WORDS | JOINT_WORDS) & {kind.word for kind in practice.kinds}:
            raise ConfigurationError(f"`{practice.name}` takes `{min(taken)}` from the kit")
        for joint in practice.joint:
            if fault := _fault(practice, joint):
                raise ConfigurationError(f"the case `{joint.name}` {fault}")

    def _claim(self, practice: Practice) -> None:
        for kind in kinds(practice):
            if kind.name in self._kinds:
                raise ConfigurationError(f"kind `{kind.name}` is declared twice")
            if not kind.name.startswith(f"{practice.name}."):
                raise ConfigurationError(f"kind `{kind.name}` is not of `{practice.name}`")
            self._kinds[kind.name] = (practice, kind)


def _fault(practice: Practice, joint: JointCase) -> str:
    """Say what does not hold in the declaration of a case of several parties."""
    own = {kind.name: kind for kind in practice.kinds}
    others = {k for each in practice.joint if each is not joint for k in each.kinds}
    alone = {step.kind for step in practice.steps}
    if joint.kinds - own.keys() or joint.kinds & (others | alone):
        return "has kinds that are not its own alone"
    loose = [
        f.name
        for k in joint.kinds
        for f in own[k].fields
        if f.is_framed and (f.type not in FRAMED or (f.type is Type.CODE and not f.choices))
    ]
    if loose:
        return f"frames `{min(loose)}`, which may carry content"
    opening = {field.name: field for field in own[joint.opens].fields}
    roster = opening.get("parties")
    if roster is None or roster.type is not Type.ROSTER or not roster.is_framed:
        return "opens without a framed roster `parties`"
    # INVARIANT: nothing of the kit's can be withdrawn, a dissent least of all.
    if {*joint.withdraws, *joint.withdraws.values()} - own.keys():
        return "withdraws what is not its own"
    return _unknown(joint)


def _unknown(joint: JointCase) -> str:
    steps = joint.steps
    if {step.quorum for step in steps} - {"", *joint.quorums} or (
        joint.handover not in {"", *joint.quorums}
    ):
        return "names a quorum it does not declare"
    if {step.guard for step in steps} - {"", *joint.guards}:
        return "names a guard it does not declare"
    return ""
