from hypothesis import given
from hypothesis import strategies as st

from comity.interop import Reading, Rejected
from comity.interop.intake import KEPT


@given(st.text(max_size=60))
def test_the_shape_of_a_value_tells_no_letter_and_no_digit(value: str) -> None:
    shape = Rejected(file="f", line=1, field="name", reason="r", value=value).shape
    assert not any(c.isalnum() and c not in "a9" for c in shape)


def test_a_file_of_rejections_does_not_fill_the_memory() -> None:
    reading = Reading("f")
    for _ in range(KEPT + 5):
        reading.reject("name", "bad", "x" * 5_000)
    assert (len(reading.rejected), reading.rejections) == (KEPT, KEPT + 5)
    assert len(reading.rejected[0].value) == 1_000
