"""How the same company, ship or aircraft is written elsewhere."""

import re

from bench.quality.dice import Dice

LEGAL = (
    ("limited liability company", "llc", "l.l.c.", "ooo"),
    ("limited", "ltd", "ltd.", "co ltd", "co., ltd."),
    ("joint stock company", "jsc", "oao", "ao", "joint-stock company"),
    ("open joint stock company", "ojsc", "oao", "pao", "pjsc", "public joint stock company"),
    ("private joint stock company", "pjs", "pjsc", "p.j.s.c."),
    ("incorporated", "inc", "inc.", "corp", "corporation"),
    ("company", "co", "co.", "cie"),
    ("s.a. de c.v.", "sa de cv", "sociedad anonima de capital variable", "s.a."),
    ("sociedad anonima", "s.a.", "sa"),
    ("gmbh", "gesellschaft mit beschraenkter haftung", "g.m.b.h."),
    ("s.r.l.", "srl", "societa a responsabilita limitata"),
    ("free zone company", "fzco", "fzc", "fz-llc", "fze"),
    ("b.v.", "bv", "besloten vennootschap"),
    ("ag", "aktiengesellschaft", "a.g."),
)  # fmt: skip
"""Forms of one kind: each may stand for another."""
_SHORT = (
    ("international", "intl"), ("trading", "trdg"), ("industries", "ind"),
    ("engineering", "eng"), ("shipping", "shpg"), ("manufacturing", "mfg"),
    ("general", "gen"), ("company", "co"), ("organization", "org"),
    ("organisation", "organization"), ("association", "assoc"), ("and", "&"), ("&", "and"),
    ("national", "natl"), ("brothers", "bros"), ("group", "grp"), ("enterprises", "ent"),
    ("development", "dev"), ("technology", "tech"), ("services", "svcs"),
    ("center", "centre"), ("petrochemical", "petrochem"), ("construction", "constr"),
    ("investment", "invest"), ("holding", "holdings"), ("industrial", "ind"), ("bank", "bk"),
    ("foundation", "fdn"), ("institute", "inst"), ("university", "univ"),
    ("transport", "trans"),
)  # fmt: skip
_NUMBERS = (
    ("1", "I", "one"), ("2", "II", "two"), ("3", "III", "three"), ("4", "IV", "four"),
    ("5", "V", "five"), ("6", "VI", "six"), ("7", "VII", "seven"), ("8", "VIII", "eight"),
)  # fmt: skip
_WORDS = "of and for the de la du des der die el al y e to in"
_SMALL = frozenset(_WORDS.split())
_FORM = re.compile(
    r"[ ,]*\b(?:"
    + "|".join(re.escape(form) for kind in LEGAL for form in kind)
    + r")(?=$|[ ,)])",
    re.IGNORECASE,
)


def form_changed(name: str, dice: Dice) -> str:
    """Write the legal form by another of its kind, or add one where there is none."""
    for kind in LEGAL:
        for form in sorted(kind, key=len, reverse=True):
            found = re.search(rf"(?<!\w){re.escape(form)}(?!\w)", name, re.IGNORECASE)
            if found:
                others = [other for other in kind if other != form]
                return name[: found.start()] + dice.pick(others).upper() + name[found.end() :]
    return f"{name} {dice.pick(dice.pick(LEGAL)[:3]).upper()}"


def form_dropped(name: str, _dice: Dice) -> str:
    """Leave the legal form out."""
    bare = _FORM.sub("", name).strip(" ,")
    return bare if len(bare) > 3 else name


def form_moved(name: str, dice: Dice) -> str:
    """Put the legal form in front, as eastern customs do."""
    bare = form_dropped(name, dice)
    if bare == name:
        return name
    form = name[len(bare) :].strip(" ,") if name.startswith(bare) else ""
    return f'{form} "{bare}"' if form else name


def shortened(name: str, dice: Dice) -> str:
    """Write one or two generic words short."""
    wanted = 1 + dice.below(2)
    for long, short in dice.shuffled(_SHORT):
        if (
            wanted
            and (told := re.sub(rf"(?<!\w){long}(?!\w)", short, name, flags=re.IGNORECASE))
            != name
        ):
            name, wanted = told, wanted - 1
    return name


def acronym(name: str, dice: Dice) -> str:
    """Write a long name by the first letters of its words."""
    words = re.findall(r"[^\W\d_]+", form_dropped(name, dice))
    main = [word for word in words if word.lower() not in _SMALL]
    if not 3 <= len(main) <= 7:
        return name
    letters = "".join(word[0].upper() for word in main)
    return ".".join(letters) + "." if dice.chance(0.15) else letters


def tail_cut(name: str, dice: Dice) -> str:
    """Leave out the last word or two of a long name."""
    words = name.split()
    return " ".join(words[: -1 - dice.below(2)]) if len(words) > 3 else name


def number_rewritten(name: str, dice: Dice) -> str:
    """Write a number in another way."""
    for forms in _NUMBERS:
        for form in forms:
            found = re.search(rf"(?<!\w){form}(?!\w)", name, re.IGNORECASE)
            if found:
                put = dice.pick([other for other in forms if other != form]).upper()
                return name[: found.start()] + put + name[found.end() :]
    return name


def number_changed(name: str, dice: Dice) -> str:
    """Write another number: another ship, another branch."""
    found = list(re.finditer(r"\d+", name))
    if found:
        at = dice.pick(found)
        other = str((int(at[0]) + 1 + dice.below(8)) % (10 ** len(at[0]))).zfill(len(at[0]))
        return name[: at.start()] + other + name[at.end() :]
    roman = re.search(r"(?<!\w)(II|III|IV|VI|VII)(?!\w)", name)
    if roman:
        put = dice.pick([form for form in ("II", "III", "IV", "V", "VI") if form != roman[0]])
        return name[: roman.start()] + put + name[roman.end() :]
    return name


def marked_as_vessel(name: str, dice: Dice) -> str:
    """Write what a ship is before its name."""
    return f"{dice.pick(('M/V', 'MV', 'M/T', 'MT', 'M.V.'))} {name}"
