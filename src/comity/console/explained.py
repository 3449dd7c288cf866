"""A comparison in words: how values and words of a name agree, and what speaks against.

Nothing here says how likely it is. A weight becomes a bar, a score the name of its band, and
beside the band stands what became of candidates that this node judged in it.
"""

from collections.abc import Mapping, Sequence
from math import tanh

from comity.console import judgement
from comity.console.judgement import Band, Evidence, Place, Side, Word
from comity.console.parts import Pair
from comity.console.tongue import Tongue
from comity.desk import ENOUGH, Comparison
from comity.message import vocabulary
from comity.screening import Evidence as Compared
from comity.screening import Flag, How, Outcome, TokenMatch

_OUTCOMES = {
    Outcome.SAME: judgement.Outcome.SAME,
    Outcome.SIMILAR: judgement.Outcome.SIMILAR,
    Outcome.DIFFERS: judgement.Outcome.DIFFERS,
    Outcome.NOT_COMPARABLE: judgement.Outcome.ABSENT,
}
_PLACES: Mapping[str, Place] = {"weak": "weak", "possible": "possible", "strong": "strong"}
_STATES = frozenset(
    [
        "nationality",
        "citizenship",
        "country",
        "jurisdiction",
        "mainCountry",
        "birthCountry",
        "flag",
    ]
)
_ALONE = (How.ASKED_ONLY, How.HELD_ONLY)
_EQUAL = (How.EXACT, How.JOINED)
_STEP = 6.0
"""Weight at which a bar stands at three quarters; natural units."""
_COMMON, _RARE = 9.5, 12.0
"""Rarity below which more than one in 5,000 words of names is this one, and from which fewer
than one in 60,000 is, as the shipped table counts."""


def bar(weight: float) -> int:
    """Return a weight as a bar from -100 (against) to 100 (for); 0 only where it is nothing.

    Log-likelihood ratios have no end: large ones are drawn closer together, never cut off.
    """
    length = round(100 * tanh(weight / _STEP))
    return length or (weight > 0) - (weight < 0)


def rarity(value: float) -> str:
    """Name how rare a word of a name is: `common`, `uncommon` or `rare`."""
    return "common" if value < _COMMON else "uncommon" if value < _RARE else "rare"


def evidence(shown: Comparison, said: Tongue) -> tuple[Evidence, ...]:
    """Return each line of evidence in words, weighed only where the desk gave a score."""
    is_weighed = shown.score is not None
    return tuple(_line(each, said, is_weighed=is_weighed) for each in shown.evidence)


def against(shown: Comparison, said: Tongue) -> tuple[Pair, ...]:
    """Gather what speaks against, each with its reason."""
    return tuple(
        Pair(label=said.code("property", each.prop), value=_reason(each, said))
        for each in shown.evidence
        if each.outcome is Outcome.DIFFERS
    )


def _reason(each: Compared, said: Tongue) -> str:
    asked, held = value(each.prop, each.asked, said), value(each.prop, each.held, said)
    return said.say("against.reason", asked=asked, held=held, why=said.code("how", each.how))


def value(prop: str, text: str, said: Tongue) -> str:
    """Word the codes of states, sex and kind; every other value stands as it was written."""
    if prop in _STATES:
        return ", ".join(_state(code) for code in text.split(", "))
    return said.code(prop, text) if prop in {"gender", "schema"} else text


def _state(code: str) -> str:
    name = vocabulary.names("country").get(code)
    return f"{name} ({code})" if name else code


def flags(found: Sequence[Flag], said: Tongue) -> tuple[Pair, ...]:
    """Return what an answer says of itself, and what to do about it."""
    return tuple(
        Pair(label=said.code("flag", flag.value), value=said.code("flag_why", flag.value))
        for flag in dict.fromkeys(found)
    )


def band(shown: Comparison, said: Tongue) -> Band | None:
    """Return the band and what became of those judged in it; nothing before the first view."""
    found = shown.outcomes
    if shown.score is None or found is None:
        return None
    scripts = [said.code("script", each) for each in found.standing.script.split("-")]
    key = "band.judged" if found.is_known else "band.few"
    return Band(
        place=_PLACES[shown.band],
        known=said.say(key, n=found.judged, enough=ENOUGH, scripts=" / ".join(scripts)),
        became=tuple(
            Pair(label=said.code("became", verdict), value=str(count))
            for verdict, count in found.verdicts.items()
        ),
    )


def _line(each: Compared, said: Tongue, *, is_weighed: bool) -> Evidence:
    is_compared = each.outcome is not Outcome.NOT_COMPARABLE
    return Evidence(
        attribute=said.code("property", each.prop),
        asked=Side(text=value(each.prop, each.asked, said) or said.say("evidence.not_asked")),
        held=Side(text=value(each.prop, each.held, said) or said.say("evidence.not_held")),
        outcome=_OUTCOMES[each.outcome],
        reason=said.code("how", each.how),
        weight=bar(each.weight) if is_weighed and is_compared else None,
        words=tuple(_word(word, said, is_weighed=is_weighed) for word in each.tokens),
    )


def _word(word: TokenMatch, said: Tongue, *, is_weighed: bool) -> Word:
    if word.how in _ALONE:
        outcome = judgement.Outcome.ABSENT
    else:
        is_equal = word.how in _EQUAL
        outcome = judgement.Outcome.SAME if is_equal else judgement.Outcome.SIMILAR
    return Word(
        asked=word.asked,
        held=word.held,
        outcome=outcome,
        reason=said.code("token", word.how.value),
        rarity=said.code("rarity", rarity(word.rarity)),
        weight=bar(word.weight) if is_weighed else None,
    )
