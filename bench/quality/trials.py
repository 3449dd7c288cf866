"""What is searched for in which list: aliases of list people, and names in another script.

People of all splits stand in the lists; only those of `held-out` are asked for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from bench.quality.dice import Dice
from bench.quality.likeness import derives
from bench.quality.pool import pool
from bench.quality.same.scripts import MARK, assemblies, in_script
from bench.quality.sources import Held, key_of, ofac, script_of, united_nations
from bench.quality.translit import full_names

from comity.core.ids import EntityId
from comity.screening import Profile

_ASSEMBLED = ("arabic", "russian", "chinese", "katakana", "japanese")
_LARGE = 3
"""Of the long list every third name is asked for: the peer takes long."""
_WHOLE = ("hebrew", "korean")


@dataclass(frozen=True, slots=True)
class Asked:
    """One name asked for, and who it is."""

    name: str
    right: str
    """Entity that is right; empty where nobody is."""
    part: str
    """Part of the trial it is counted in: `derivable`, or a script."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A list, the names asked for, and names of people who are not on it."""

    title: str
    held: tuple[Profile, ...]
    asked: tuple[Asked, ...]
    strangers: tuple[Asked, ...]

    @property
    def names(self) -> int:
        """How many names the list holds."""
        return sum(len(profile.names) for profile in self.held)


def aliases(*, most: int) -> Trial:
    """Strong aliases of list people, taken out of the list and asked for.

    `derivable` are those with a word like one of a name that stays (Jaro-Winkler .87).
    """
    asked, removed = list[Asked](), dict[str, str]()
    for held in pool("held-out").people:
        if held.key.startswith("ofac-") and (alias := _alias(held)):
            removed[held.key] = alias
            rest = [name for name in held.strong if name != alias]
            part = "derivable" if derives(alias, rest) else "underivable"
            asked.append(Asked(alias, held.key, part))
    asked = asked[:most]
    taken = {each.right: removed[each.right] for each in asked}
    listed = [
        _profile(each, without=taken.get(each.key, "")) for each in ofac() if _is_person(each)
    ]
    made = (*pool("held-out").synthetic, *pool("held-out").foreign)
    strangers = Dice("strangers").shuffled(made)[:most]
    return Trial(
        "aliases of list people",
        tuple(listed),
        tuple(asked),
        tuple(Asked(_own(each), "", "any") for each in strangers),
    )


def scripts(*, each: int) -> list[Trial]:
    """Names in other scripts: against a list of hundreds, and against one of ten thousand."""
    listed = _listed_trial(each)
    targets, asked, strangers = list[Profile](), list[Asked](), list[Asked]()
    for part, pairs in _known_pairs(each).items():
        found = list(pairs)
        cut = (len(found) + 1) // 2
        for place, (form, latin) in enumerate(found[:cut]):
            key = f"{part}-{place}"
            targets.append(_named(key, (latin,)))
            asked.append(Asked(form, key, part))
        strangers += [Asked(form, "", part) for form, _ in found[cut:]]
    small = Trial("scripts, hundreds of names", tuple(targets), tuple(asked), tuple(strangers))
    crowd = _crowd(targets, listed)
    crowd += [_named(held.key, held.strong) for held in pool("held-out").synthetic[:3000]]
    large = Trial(
        "scripts, ten thousand names",
        (*targets, *crowd),
        (*asked[::_LARGE], *listed.asked),
        (*strangers[::_LARGE], *listed.strangers[::_LARGE]),
    )
    return [listed, small, large]


def _crowd(targets: Sequence[Profile], listed: Trial) -> list[Profile]:
    """Return the people of both lists, but for those who stand there a second time."""
    right = {each.right for each in listed.asked}
    twice = {key_of(name) for profile in targets for name in profile.names}
    twice |= {
        key_of(name) for held in listed.held if held.entity_id in right for name in held.names
    }
    people = [_profile(held) for held in (*ofac(), *united_nations()) if _is_person(held)]
    return [
        each
        for each in people
        if each.entity_id in right or twice.isdisjoint(map(key_of, each.names))
    ]


def _listed_trial(each: int) -> Trial:
    """Ask for original-script names of the UN's list among its own people, some hundred."""
    people = [held for held in united_nations() if _is_person(held)]
    known = {held.key for held in pool("held-out").people}
    asked = [
        Asked(form, held.key, f"{script_of(form)}, listed")
        for held in people
        if held.key in known
        for form in held.original
    ]
    foreign = [
        held.original[0]
        for held in pool("held-out").foreign
        if script_of(held.original[0]) in ("arabic", "cyrillic")
    ]
    strangers = [Asked(name, "", f"{script_of(name)}, listed") for name in foreign[: 3 * each]]
    profiles = tuple(_profile(held) for held in people)
    return Trial("UN names in their own script", profiles, tuple(asked), tuple(strangers))


def _known_pairs(each: int) -> dict[str, Iterable[tuple[str, str]]]:
    entries = pool("held-out")
    made: dict[str, Iterable[tuple[str, str]]] = {}
    for file in _ASSEMBLED:
        parts = islice(_assembled(file), 2 * each)
        made[file] = parts
    for file in _WHOLE:
        pairs = Dice("trial", file).shuffled(full_names(file, "held-out"))
        made[file] = [(form, latin) for latin, form in pairs[: 2 * each]]
    people = (*entries.people, *entries.synthetic)
    written = (
        (in_script(held.strong[0], "arabic", entries), held.strong[0]) for held in people
    )
    made["arabic, list names"] = islice(
        ((form, name) for form, name in written if form), 2 * each
    )
    return made


def _assembled(file: str) -> Iterable[tuple[str, str]]:
    known = set[str]()
    for place, words in assemblies(file, pool("held-out")):
        dice = Dice("trial", file, str(place))
        latin = " ".join(dice.weighted(word.latin) for word in words).title()
        if key_of(latin) not in known:
            known.add(key_of(latin))
            yield MARK.get(file, " ").join(word.form for word in words), latin


def _alias(held: Held) -> str:
    keys = [key_of(name) for name in held.strong]
    free = [
        name
        for name in held.strong[1:]
        if keys.count(key_of(name)) == 1 and len(key_of(name)) < 60
    ]
    return Dice("alias", held.key).pick(free) if free else ""


def _is_person(held: Held) -> bool:
    return held.schema == "Person"


def _own(held: Held) -> str:
    return (*held.strong, *held.original)[0]


def _profile(held: Held, *, without: str = "") -> Profile:
    return _named(held.key, tuple(name for name in held.strong if name != without) or held.weak)


def _named(key: str, names: Sequence[str]) -> Profile:
    properties = {"name": tuple(names[:1]), "alias": tuple(names[1:])}
    return Profile(
        entity_id=EntityId(key),
        dataset="bench",
        schema="Person",
        properties={prop: values for prop, values in properties.items() if values},
    )
