import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.screening.names import Name, read_name
from comity.screening.names.alphabets import script_of

FIRST = {
    "arabic": 0x0645,
    "armenian": 0x0561,
    "bengali": 0x0995,
    "cyrillic": 0x0436,
    "devanagari": 0x0915,
    "ethiopic": 0x1200,
    "georgian": 0x10D0,
    "greek": 0x03B1,
    "han": 0x4E2D,
    "hangul": 0xAE40,
    "hebrew": 0x05D0,
    "kana": 0x30AB,
    "khmer": 0x1780,
    "latin": 0x00DF,
    "malayalam": 0x0D15,
    "myanmar": 0x1000,
    "tamil": 0x0B95,
    "thai": 0x0E01,
    "tibetan": 0x0F40,
}


def said(written: str) -> list[tuple[str, ...]]:
    return [token.readings for token in read_name(written).tokens]


def texts(name: Name) -> list[str]:
    return [token.text for token in name.tokens]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("أسامة بن لادن", ["usama", "bin", "laden"]),
        ("صدام حسين", ["saddam", "hussein"]),
        ("الكسندر", ["alexander"]),
        ("حسین رضا", ["hossein", "reza"]),
        ("نواز شریف", ["nawaz", "sharif"]),
        ("בנימין", ["binyamin"]),
        ("יצחק רבין", ["yitzhak", "rabin"]),
        ("Владимир Путин", ["vladimir", "putin"]),
        ("Юлія Тимошенко", ["yuliia", "tymoshenko"]),
        ("Слободан Милошевић", ["slobodan", "milosevic"]),
        ("Γιώργος Παπαδόπουλος", ["giorgos", "papadopoulos"]),
        ("邓小平", ["deng", "xiaoping"]),
        ("習近平", ["xi", "jinping"]),
        ("毛泽东", ["mao", "tsetung"]),
        ("陈冯富珍", ["chan", "fung", "fuzhen"]),
        ("歐陽娜娜", ["ouyang", "nana"]),
        ("田中太郎", ["tanaka", "taro"]),
        ("山田 さくら", ["yamada", "sakura"]),
        ("ドナルド", ["donald"]),
        ("김정은", ["kim", "jungeun"]),
        ("이수민", ["lee", "sumin"]),
        ("राहुल गांधी", ["rahul", "gandhi"]),
        ("नरेन्द्र मोदी", ["narendra", "modi"]),
        ("ਸਿੰਘ", ["singh"]),
        ("ทักษิณ", ["thaksin"]),
        ("Հովհաննես", ["hovhannes"]),
        ("ნინო", ["nino"]),
        ("Müller", ["mueller"]),
        ("Łukasz Ğöksü", ["lukasz", "goksu"]),
    ],
)
def test_a_name_is_read_as_it_is_written_in_passports(written: str, words: list[str]) -> None:
    readings = said(written)
    assert len(readings) == len(words)
    for word, found in zip(words, readings, strict=True):
        assert word in found


@pytest.mark.parametrize(
    ("parted", "joined"),
    [
        ("Kim Jong-un", "Kim Jongun"),
        ("Deng Xiao Ping", "Deng Xiaoping"),
        ("Xiao Ping Deng", "Xiaoping Deng"),
        ("Mao Tse-tung", "Mao Tsetung"),
    ],
)
def test_two_syllables_of_a_given_name_are_one_word(parted: str, joined: str) -> None:
    assert texts(read_name(parted)) == texts(read_name(joined))


def test_a_family_name_is_parted_from_the_given_only_where_the_name_has_no_spaces() -> None:
    assert len(read_name("김정은").tokens) == 2
    assert len(read_name("조지프 와이즈먼").tokens) == 2


def test_a_company_is_parted_where_known_words_stand_in_it() -> None:
    found = read_name("华为技术有限公司", "Company")
    assert [token.sort.value for token in found.tokens] == ["name", "generic", "legal"]


def alphabet(script: str) -> st.SearchStrategy[str]:
    start = FIRST[script] // 0x80 * 0x80
    letters = [
        chr(code) for code in range(start, start + 0x80) if script_of(chr(code)) == script
    ]
    return st.text(st.sampled_from([*letters, " ", "a", "'"]), min_size=1, max_size=24)


@given(st.sampled_from(sorted(FIRST)).flatmap(alphabet))
def test_no_word_of_any_script_raises(text: str) -> None:
    for token in read_name(text).tokens:
        assert token.readings[0] == token.text
        assert token.text.isascii()
        assert token.text.isalnum()
