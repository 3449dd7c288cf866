"""Names in Han characters: Chinese by pinyin, Japanese by what was learned, foreign by sound.

A name without spaces is parted into family and given name by lists of families. The same
characters are read in Chinese and in Japanese, so both readings are kept.
"""

from collections.abc import Iterator
from functools import cache

from comity.screening.names.data import rows
from comity.screening.names.lattice import combine, distinct
from comity.screening.names.learned import model

Part = tuple[str, tuple[str, ...]]
"""A part of a name as it stands, with its readings."""
_CHINESE = 4
"""Most characters of a Chinese name; what is longer is a foreign name by sound."""
_STARTS = (
    ("zhi", "chih"), ("shi", "shih"), ("ri", "jih"), ("zi", "tzu"),
    ("ci", "tzu"), ("si", "szu"), ("zh", "ch"), ("x", "hs"), ("q", "ch"), ("j", "ch"),
    ("c", "ts"), ("z", "ts"), ("b", "p"), ("d", "t"), ("g", "k"), ("r", "j"),
)  # fmt: skip
_ENDS = (("ong", "ung"), ("ian", "ien"), ("ie", "ieh"), ("ue", "ueh"))
_SOUNDS = frozenset(
    "克斯特尔爾德拉巴夫尼亚亞里利罗羅维維洛莱萊塔达達加卡科迪多西格普伊埃阿奥奧乌烏诺諾纳納兰蘭"
)
"""Characters that foreign names are most often written with, by their sound."""


def parts(word: str, *, alone: bool, japanese: bool) -> Iterator[Part]:
    """Yield the parts of a word; it is parted only where it stands `alone` for a whole name."""
    word = "".join(  # the sign of repetition stands for the character before it
        word[place - 1] if char == "々" and place else char for place, char in enumerate(word)
    )
    family, is_japanese = _family(word, japanese=japanese) if alone else ("", japanese)
    given = word[len(family) :]
    if family:
        yield family, _family_readings(family, japanese=is_japanese)
    if family and not is_japanese and len(given) == _CHINESE - 1:
        yield given[0], _family_readings(given[0], japanese=False)
        given = given[1:]
    if given:
        known = not family and len(given) <= 3 and _known(given)  # noqa: PLR2004 - a family alone
        yield given, _readings(given, japanese=is_japanese, known=known or ())


def _family(word: str, *, japanese: bool) -> tuple[str, bool]:
    """Return the family name that opens the word, and whether it is a Japanese one."""
    kanji, hanzi = _kanji(), _hanzi()
    for width in (3, 2):
        if word[:width] in kanji and len(word) > width and word[:width] not in hanzi:
            return word[:width], True
    if japanese and word[:1] in kanji and len(word) > 1:
        return word[:1], True
    for width in (4, 2, 1):
        if word[:width] in hanzi and 0 < len(word) - width <= 2:  # noqa: PLR2004 - given names
            return word[:width], False
    return _of_four(word) if len(word) == _CHINESE else ("", japanese)


def _of_four(word: str) -> tuple[str, bool]:
    """Part four characters that no family opens: two Chinese families, or a Japanese name."""
    if word[0] in _hanzi() and word[1] in _hanzi():
        return word[0], False
    return ("", False) if _is_by_sound(word) else (word[:2], True)


def _is_by_sound(word: str) -> bool:
    """Say whether the characters are mostly those that foreign names are written with."""
    return sum(char in _SOUNDS for char in word) * 2 > len(word)


def _known(word: str) -> tuple[str, ...]:
    return (*_hanzi().get(word, ()), *_kanji().get(word, ()))


def _family_readings(word: str, *, japanese: bool) -> tuple[str, ...]:
    chinese, native = _hanzi().get(word, ()), _kanji().get(word, ())
    if japanese:
        return distinct((*native, *_kanji_read(word)[:4], *pinyin(word)[:2]))
    return distinct((*(chinese or pinyin(word)), *native[:2]))


def _readings(word: str, *, japanese: bool, known: tuple[str, ...]) -> tuple[str, ...]:
    chinese = pinyin(word)
    if len(word) > _CHINESE - 1:
        foreign = model("han").by_pieces(word, {}, keep=6)
        return distinct((*known, *foreign, *chinese[:1]))
    native = _kanji_read(word)
    if japanese:
        return distinct((*known, *native[:6], *chinese[:2]))
    if len(word) == 3:  # noqa: PLR2004 - may be a foreign name by sound
        foreign = model("han").by_pieces(word, {}, keep=3)
        return distinct((*known, *chinese[:2], *foreign, *native))
    return distinct((*known, *chinese[:2], *native[:3], *_wade(word), *chinese, *native))


def _kanji_read(word: str) -> list[str]:
    made = model("kanji")
    found = made.whole.get(word, ())
    read = [*found, *made.by_pieces(word, {}, keep=8)]
    short = (each.replace("ou", "o").replace("uu", "u") for each in read)
    return list(dict.fromkeys(each for pair in zip(short, read, strict=False) for each in pair))


def pinyin(word: str) -> tuple[str, ...]:
    """Return the readings in pinyin without tones, the syllables joined."""
    table = _pinyin()
    return combine([table.get(char, ("",)) for char in word])


def _wade(word: str) -> tuple[str, ...]:
    """Return the spelling of Wade and Giles, without its marks, as in older passports."""
    table = _pinyin()
    return ("".join(_older(table[char][0]) for char in word if char in table),)


def _older(syllable: str) -> str:
    for start, older in _STARTS:
        if syllable.startswith(start):
            syllable = older + syllable[len(start) :]
            break
    for end, older in _ENDS:
        if syllable.endswith(end):
            return syllable[: -len(end)] + older
    return syllable


@cache
def _pinyin() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[tuple[int, str]]] = {}
    for syllable, rank, chars in rows("pinyin.tsv.gz"):
        for char in chars:
            found.setdefault(char, []).append((int(rank), syllable))
    return {char: tuple(each for _, each in sorted(ranked)) for char, ranked in found.items()}


@cache
def _hanzi() -> dict[str, tuple[str, ...]]:
    return {row[0]: tuple(row[1].split(" ")) for row in rows("surnames_han.tsv")}


@cache
def _kanji() -> dict[str, tuple[str, ...]]:
    return {row[0]: tuple(row[1].split(" ")) for row in rows("surnames_kanji.tsv.gz")}
