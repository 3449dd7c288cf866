from importlib.resources import files

import pytest
from tools.learn_names import head
from tools.name_learning.corpora import CORPORA, Corpus, Pair
from tools.name_learning.measure import recall
from tools.name_learning.pieces import Size, clean, model, text

from comity.screening.names import data, transducer
from comity.screening.names.learned import MODELS
from comity.screening.names.skeleton import skeleton

LIMIT = 1_500_000


def shipped() -> list[str]:
    place = files("comity.screening.names.data")
    names = [each.name for each in place.iterdir() if each.is_file()]
    names += [f"rules/{each.name}" for each in place.joinpath("rules").iterdir()]
    return sorted(name for name in names if name.endswith((".tsv", ".gz")))


def test_every_file_says_where_it_comes_from() -> None:
    for name in shipped():
        said = data.head(name)
        assert said["source"], name
        assert said["licence"], name
        assert said["date"] >= "2026", name


def test_the_models_say_what_they_are() -> None:
    for corpus in CORPORA:
        assert data.head(f"model_{corpus.name}.tsv.gz") == head(corpus)
    assert {corpus.script for corpus in CORPORA} >= MODELS


def test_all_of_it_is_small() -> None:
    place = files("comity.screening.names.data")
    assert sum(len(place.joinpath(name).read_bytes()) for name in shipped()) < LIMIT


def slice_of() -> list[Pair]:
    """Return words of a made-up language in Hebrew letters: always the same."""
    letters = {"ב": "b", "ד": "d", "ל": "l", "מ": "m", "ר": "r", "ש": "sh", "א": "o", "ה": "i"}
    words = [a + b + c + d for a in "בדלמ" for b in "אה" for c in "רשמ" for d in "אהל"]
    return [Pair("".join(letters[char] for char in word), word, 1) for word in words]


@pytest.fixture(scope="module")
def learned() -> transducer.Transducer:
    corpus = Corpus("hebrew", (), "hebrew", 2, 3)
    return model(clean(slice_of(), corpus), corpus, Size())


def test_learning_finds_which_letter_is_which(learned: transducer.Transducer) -> None:
    found = learned.by_pieces("לאשה", {})
    assert found[0] == "loshi"
    assert all(skeleton(each) for each in found)


def test_learning_gives_the_same_file_twice(learned: transducer.Transducer) -> None:
    corpus = Corpus("hebrew", (), "hebrew", 2, 3)
    again = model(clean(slice_of(), corpus), corpus, Size())
    assert text(learned, {}) == text(again, {})


def test_what_is_written_is_what_is_read(learned: transducer.Transducer) -> None:
    lines = [line.split("\t") for line in text(learned, {}).split("\n") if line]
    assert transducer.of_rows(lines) == learned


def test_recall_is_counted_over_pairs() -> None:
    pairs = [Pair("boro", "a", 1), Pair("boril", "b", 9)]
    found = recall(pairs, {"a": ("boro",), "b": ("bral", "boril")}.__getitem__)
    assert (found.first, found.any) == (0.5, 1.0)
    assert (found.first_skeleton, found.any_skeleton) == (1.0, 1.0)
