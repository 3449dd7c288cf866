"""A segment finds what the index in memory finds, and never trusts a broken byte."""

from collections.abc import Sequence
from contextlib import suppress

import numpy as np
import pytest
from rapidfuzz.distance import JaroWinkler

from comity.core.errors import ComityError, InvalidInputError
from comity.core.ids import EntityId
from comity.screening import Flag, Profile, Query, Shelf
from comity.screening.index.asked import asked as read
from comity.screening.index.build import build, build_segment
from comity.screening.index.compiled import plain
from comity.screening.index.hashing import hash_text
from comity.screening.index.layout import HEADER, SegmentError
from comity.screening.index.likeness import jaro_winkler, lay_out
from comity.screening.index.segment import Segment
from comity.screening.index.shard import read_shard
from comity.screening.index.warm import warm

GIVEN = ("Anna", "Boris", "Chiara", "Dmitri", "Elena", "Farid", "Greta", "Hassan", "Ines")
FAMILY = ("Muster", "Petrenko", "Halden", "Beispiel", "Oyelaran", "Quintero", "Sandberg")


def person(key: str, *names: str, **properties: str) -> Profile:
    values = {prop: (value,) for prop, value in properties.items()}
    return Profile(
        entity_id=EntityId(key),
        dataset="test",
        schema="Person",
        properties={"name": names, **values},
    )


def asked(*names: str, **properties: str) -> Query:
    values = {prop: (value,) for prop, value in properties.items()}
    return Query(schema="Person", properties={"name": names, **values})


PEOPLE = [
    person(
        f"p-{given}-{family}", f"{given} {family}", birthDate=f"19{50 + place}-03-0{turn + 1}"
    )
    for place, given in enumerate(GIVEN)
    for turn, family in enumerate(FAMILY)
]
LARGE = bytes(b"".join(build_segment(PEOPLE, large=1).chunks()))
SMALL = bytes(b"".join(build_segment(PEOPLE).chunks()))


def opened(data: bytes = SMALL) -> Segment:
    return Segment.from_buffer(memoryview(data))


def found(index: Shelf, query: Query) -> list[str]:
    return [candidate.entity_id for candidate in index.search(query).candidates]


@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["lists", "pairs"])
@pytest.mark.parametrize(
    "name", ["Chiara Quintero", "quintero chiara", "Chiarra Quintro", "Chiara Kintero"]
)
def test_a_name_is_found_in_spite_of_slips(data: bytes, name: str) -> None:
    shelf = Shelf(segments=(opened(data),))
    assert found(shelf, asked(name))[0] == "p-Chiara-Quintero"


@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["lists", "pairs"])
def test_a_segment_finds_what_the_delta_finds(data: bytes) -> None:
    shelf, delta = Shelf(segments=(opened(data),)), Shelf(PEOPLE)
    for name in ("Ana Muster", "Sandberg, Hasan", "Oyelaran Farid", "Zebulon Quux"):
        assert found(shelf, asked(name))[:1] == found(delta, asked(name))[:1]


def test_the_same_entities_build_the_same_bytes_in_any_order() -> None:
    shards = (read_shard(PEOPLE[40:]), read_shard(reversed(PEOPLE[:40])))
    assert b"".join(build(shards).chunks()) == SMALL


def test_an_entity_that_comes_twice_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="twice"):
        build_segment([PEOPLE[0], PEOPLE[0]])


def test_a_segment_gives_back_what_it_was_built_from() -> None:
    segment = opened()
    profiles = {
        segment.profile(row).entity_id: segment.profile(row) for row in range(segment.rows)
    }
    assert profiles == {profile.entity_id: profile for profile in PEOPLE}
    assert all(segment.row_of(key) is not None for key in profiles)
    assert segment.row_of(EntityId("nobody")) is None


def test_what_is_forgotten_or_replaced_is_gone_at_once() -> None:
    shelf = Shelf(segments=(opened(),))
    shelf.forget([EntityId("p-Greta-Halden")])
    shelf.add([person("p-Elena-Muster", "Zora Neumann")])
    assert "p-Greta-Halden" not in found(shelf, asked("Greta Halden"))
    assert "p-Elena-Muster" not in found(shelf, asked("Elena Muster"))
    assert found(shelf, asked("Zora Neumann")) == ["p-Elena-Muster"]
    assert len(shelf) == len(PEOPLE) - 1


@pytest.mark.parametrize("number", ["C01X00T47", "c01-x00-t47", "C01X00T4", "C01XO0T47"])
def test_an_identifier_is_found_with_one_slip_whatever_the_name(number: str) -> None:
    data = build_segment([*PEOPLE, person("p-n", "Zora Neumann", idNumber="C01X00T47")])
    segment = opened(b"".join(data.chunks()))
    question = asked("Somebody Else", passportNumber=number)
    shelf = Shelf(segments=(segment,))
    likely, _common = shelf._retrieve(read(question), 10)
    assert [profile.entity_id for profile in likely] == ["p-n"]


def test_a_birth_year_chooses_among_namesakes() -> None:
    years = [
        person(f"y-{year}", "Ali Hassan", birthDate=str(year)) for year in range(1900, 2000)
    ]
    for large in (1, 1_000):
        shelf = Shelf(segments=(opened(b"".join(build_segment(years, large=large).chunks())),))
        assert found(shelf, asked("Ali Hassan", birthDate="1963"))[0] == "y-1963"


def test_too_many_namesakes_are_said_and_not_cut_silently() -> None:
    namesakes = [person(f"n-{count:03}", "Ali Hassan") for count in range(100)]
    for large in (1, 1_000):
        data = b"".join(build_segment(namesakes, large=large).chunks())
        answer = Shelf(segments=(opened(data),)).search(asked("Ali Hassan"))
        assert answer.flags == (Flag.TOO_COMMON,)
    assert Shelf(namesakes).search(asked("Ali Hassan")).flags == (Flag.TOO_COMMON,)


def test_a_hundred_aliases_find_the_same_as_one() -> None:
    shelf = Shelf(segments=(opened(),))
    aliases = [
        f"Zebulon{chr(97 + place // 10)} Quux{chr(97 + place % 10)}" for place in range(100)
    ]
    assert found(shelf, asked("Ines Halden", *aliases)) == found(shelf, asked("Ines Halden"))


@pytest.mark.parametrize(
    ("name", "held"),
    [("JSCARGUMENT", "JSC ARGUMENT"), ("Anna Maria Muster", "Annamaria Muster")],
)
def test_words_are_joined_and_parted(name: str, held: str) -> None:
    for shelf in (
        Shelf([person("p", held), *PEOPLE]),
        Shelf(segments=(opened(b"".join(build_segment([person("p", held)]).chunks())),)),
    ):
        likely, _common = shelf._retrieve(read(asked(name)), 5)
        assert likely[0].entity_id == "p"


@pytest.mark.parametrize("name", ["", "?", "🙂 🙂", "a" * 900, "الله", "\ud800", "١٢٣٤"])
def test_any_text_can_be_held_and_asked(name: str) -> None:
    data = b"".join(build_segment([person("p", name), *PEOPLE]).chunks())
    Shelf(segments=(opened(data),)).search(asked(name or " "))


def test_an_empty_segment_holds_nobody() -> None:
    shelf = Shelf(segments=(opened(b"".join(build_segment([]).chunks())),))
    assert shelf.search(asked("Anna Muster")).candidates == ()


def _broken() -> Sequence[tuple[str, bytes]]:
    flipped = bytearray(SMALL)
    flipped[HEADER + 70] ^= 1
    header = bytearray(SMALL)
    header[40] ^= 1
    future = bytearray(SMALL)
    future[8] = 2
    return (
        ("cut", SMALL[: len(SMALL) // 2]),
        ("cut", SMALL[:100]),
        ("cut", b""),
        ("foreign", b"PK" + SMALL[2:]),
        ("format 2", bytes(future)),
        ("header", bytes(header)),
        ("section `word_text`", bytes(flipped)),
    )


@pytest.mark.parametrize(("says", "data"), _broken())
def test_a_broken_segment_is_refused_with_what_to_do(says: str, data: bytes) -> None:
    with pytest.raises(SegmentError, match=says) as refused:
        Segment.from_buffer(memoryview(data))
    assert "rebuild" in str(refused.value)


@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["lists", "pairs"])
def test_broken_numbers_are_searched_without_harm(data: bytes) -> None:
    chance = np.random.default_rng(4)
    for _turn in range(30):
        broken = bytearray(data)
        for place in chance.integers(HEADER, len(data), 200):
            broken[place] = chance.integers(256)
        whole = memoryview(bytes(broken))
        segment = Segment(whole, opened(data).header)
        with pytest.raises(SegmentError):
            segment.verify()
        with suppress(ComityError):  # an entity that cannot be read is said, not shown
            Shelf(segments=(segment,)).search(asked("Anna Muster", birthDate="1950"))


def test_likeness_is_the_figure_rapidfuzz_gives() -> None:
    chance = np.random.default_rng(7)
    for _turn in range(400):
        one, other = (
            "".join(chance.choice(list("abcde"), chance.integers(1, 12))) for _ in range(2)
        )
        texts = [np.frombuffer(word.encode(), np.uint8) for word in (one, other)]
        lengths = (len(one) << 8) + len(other)
        expected = pytest.approx(JaroWinkler.similarity(one, other), abs=1e-9)
        places = np.zeros(256, np.int64)
        lay_out(places, texts[0], 0, len(one))
        assert jaro_winkler(places, texts[0], 0, texts[1], 0, lengths) == expected
        plain(lay_out)(places, texts[0], 0, len(one))
        assert plain(jaro_winkler)(places, texts[0], 0, texts[1], 0, lengths) == expected


def test_a_hash_is_part_of_the_format() -> None:
    text = np.frombuffer(b"anna", np.uint8)
    with np.errstate(over="ignore"):
        assert hash_text(text, 0, 4, -1) == plain(hash_text)(text, 0, 4, -1)
    assert hash_text(text, 0, 4, 1) == hash_text(np.frombuffer(b"ana", np.uint8), 0, 3, -1)


def test_warming_leaves_nothing_behind() -> None:
    warm()
