"""The pages of the law side by side, and where each of its rules is shown."""

from comity.console.views import Tab
from comity.console.visit import Visit
from comity.desk import READERS
from comity.law import Corpus, Rule

_PAGES = (
    ("overview", "/law"),
    ("instruments", "/law/instruments"),
    ("matrix", "/law/matrix"),
    ("past", "/law/past"),
    ("referrals", "/law/referrals"),
    ("changes", "/law/changes"),
    ("worklist", "/law/worklist"),
)
_FOR_ALL = 2


def tabs(visit: Visit, here: str) -> tuple[Tab, ...]:
    """Return the pages of the law that this person's seats may open."""
    pages = _PAGES if READERS & visit.actor.seats else _PAGES[:_FOR_ALL]
    return tuple(
        Tab(text=visit.said.say(f"law.tab_{name}"), href=href, is_current=name == here)
        for name, href in pages
    )


def rule_named(corpus: Corpus, name: str) -> Rule | None:
    """Return a rule the packs hold."""
    return next((rule for rule in corpus.rules if rule.name == name), None)


def rule_href(rule: Rule) -> str:
    """Return where a rule is shown: beside its source, on the page of its instrument."""
    if not rule.instrument:
        return f"/law/rules/{rule.name}"
    return f"/law/instruments/{rule.instrument}#rule-{rule.name}"
