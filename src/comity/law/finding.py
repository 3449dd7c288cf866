"""What one rule says of one view of a draft, and how what they say is put together."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from comity.law.model import Reason, Role, Rule, Verdict
from comity.law.view import Truth, View

ASSESSORS = frozenset({"legal", "rights"})
"""Who may make unknown facts of an absolute prohibition known, by a standing assessment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule said of one view of the draft; `rule` is `None` where the law is silent."""

    name: str
    verdict: Verdict
    cite: str
    text: str
    rule: Rule | None = None
    url: str = ""
    missing: tuple[str, ...] = ()
    key: tuple[int, str] = field(init=False, compare=False)
    """The order of reasons: the worst first, then by name."""

    def __post_init__(self) -> None:
        """Work out the key once."""
        object.__setattr__(self, "key", (-self.verdict, self.name))


NO_BASIS = Finding(
    name="law.no-basis",
    verdict=Verdict.DENY,
    cite="legality: Vienna Convention on the Law of Treaties, art. 34",
    url="https://treaties.un.org/Pages/ViewDetailsIII.aspx?src=TREATY&mtdsg_no=XXIII-1&chapter=23",
    text="no instrument in force between the two parties permits this",
)
PROTECTIVE = Finding(
    name="law.protective",
    verdict=Verdict.PERMIT,
    cite="network terms, protective messages (Directive (EU) 2016/680, art. 16(6))",
    url="https://eur-lex.europa.eu/eli/dir/2016/680/oj",
    text="names only what the partner already holds, to protect the person it is about",
)


def _absolute(rule: Rule, view: View) -> Verdict | None:
    found = rule.test(view)
    return None if found is False else Verdict.DENY if found else Verdict.REFER


def _term(rule: Rule, view: View) -> Verdict | None:
    applies = True if rule.where is None else rule.where(view)
    if applies is False or rule.test(view):
        return None
    # LED 35(2): where the term's own law knows the exception, and all of it is known to hold.
    if rule.emergency and rule.emergency(view):
        return Verdict.PERMIT
    return Verdict.DENY if applies else Verdict.REFER


def _condition(rule: Rule, view: View) -> Verdict | None:
    found = rule.test(view)
    lifted = False if found is False or rule.unless is None else rule.unless(view)
    if found is False or lifted is True:
        return None
    return Verdict.DENY if found and lifted is False else Verdict.REFER


def _sensitivity(rule: Rule, view: View) -> Verdict | None:
    return None if rule.test(view) is False else Verdict.REFER


def _obligation(rule: Rule, view: View) -> Verdict | None:
    return None if rule.test(view) is False else Verdict.PERMIT


EDGES: Mapping[Role, Callable[[Rule, View], Verdict | None]] = {
    Role.ABSOLUTE: _absolute,
    Role.TERM: _term,
    Role.CONDITION: _condition,
    Role.SENSITIVITY: _sensitivity,
    Role.OBLIGATION: _obligation,
}


def broken(rule: Rule, error: Exception) -> Finding:
    """Say that a rule failed: the engine fails closed."""
    text = f"the rule could not be applied ({type(error).__name__}): what breaks denies"
    return Finding(name=rule.name, verdict=Verdict.DENY, cite=rule.cite, text=text)


def worse(one: Truth, other: Truth, *, worst: bool) -> Truth:
    """Return the worse of two answers to one question; unknown is worse than the better one."""
    return worst if worst in {one, other} else None if None in {one, other} else one


def worst_of(found: Collection[Finding]) -> Verdict:
    """Return what findings come to together."""
    return max([each.verdict for each in found], default=Verdict.PERMIT)


def lifters(heard: Iterable[list[Finding]]) -> frozenset[str]:
    """Return the seats that may lift what was referred."""
    rules = [
        each.rule
        for found in heard
        for each in found
        if each.rule and each.verdict is Verdict.REFER
    ]
    seats = (ASSESSORS if rule.role is Role.ABSOLUTE else rule.lifted_by for rule in rules)
    return frozenset[str]().union(*seats)


def provisions(heard: Iterable[list[Finding]]) -> tuple[str, ...]:
    """Return what the bases among findings cite."""
    cited = {
        each.cite
        for found in heard
        for each in found
        if each.rule and each.rule.role is Role.BASIS
    }
    return tuple(sorted(cited))


def reason_of(found: Finding, paths: tuple[str, ...]) -> Reason:
    """Return a finding as a reason that speaks of these values."""
    rule = found.rule
    return Reason(
        rule=found.name,
        outcome=found.verdict,
        cite=found.cite,
        facts=rule.reads if rule else (),
        text=found.text,
        url=rule.url if rule else found.url,
        is_basis=rule is not None and rule.role is Role.BASIS,
        paths=paths,
    )
