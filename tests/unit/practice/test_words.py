"""Words of a practice: complete, flat, and bounded."""

import pytest

from comity.core.errors import InvalidInputError
from comity.practice import Field, Kind, Type, label, read_words

KIND = Kind(
    name="letters.write/1", fields=(Field(name="sort", type=Type.CODE, choices=("a",)),)
)


def test_the_word_of_a_kind_comes_before_the_shared_one() -> None:
    words = {"field.sort": "Sort", "field.write.sort": "Sort of letter", "choice.sort.a": "A"}
    assert label(words, KIND, "sort") == "Sort of letter"
    assert label(words, KIND, "sort", code="a") == "A"


def test_a_missing_word_shows_the_code_and_never_nothing() -> None:
    assert label({}, KIND, "sort") == "sort"
    assert label({}, KIND, "sort", code="a") == "a"


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"a": 1}', b'{"a": ""}', b"\xff"])
def test_a_locale_file_of_another_shape_is_rejected(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        read_words(data)


def test_a_locale_file_is_read() -> None:
    assert read_words('{"kind.write": "اكتب"}'.encode()) == {"kind.write": "اكتب"}
