from dataclasses import dataclass, field
from typing import ClassVar

import pytest

from comity.adapters.shape import order_terms, shape_of
from comity.core.errors import StateError
from comity.core.store import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodRow(Row):
    table: ClassVar[str] = "good"
    key: ClassVar[tuple[str, ...]] = ("b", "a")

    a: int
    b: str | None = None
    c: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow(Row):
    table: ClassVar[str] = "list"
    key: ClassVar[tuple[str, ...]] = ("a",)

    a: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedRow(Row):
    table: ClassVar[str] = "mixed"
    key: ClassVar[tuple[str, ...]] = ("a",)

    a: int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class StrayIndexRow(Row):
    table: ClassVar[str] = "stray"
    key: ClassVar[tuple[str, ...]] = ("a",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("a", "z"),)

    a: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeylessRow(Row):
    table: ClassVar[str] = "keyless"
    key: ClassVar[tuple[str, ...]] = ()

    a: int


def test_a_shape_tells_types_options_defaults_and_key() -> None:
    shape = shape_of(GoodRow)
    told = [(c.name, c.sort, c.is_optional, c.default, c.has_default) for c in shape.columns]
    assert told == [
        ("a", int, False, None, False),
        ("b", str, True, None, True),
        ("c", bool, False, False, True),
    ]
    row = GoodRow(a=1, b="x")
    assert (shape.values(row), shape.key_of(row), shape.flags) == (
        (1, "x", False),
        ("x", 1),
        ("c",),
    )


@pytest.mark.parametrize("kind", [ListRow, MixedRow, StrayIndexRow, KeylessRow])
def test_a_class_no_store_can_hold_is_refused(kind: type[Row]) -> None:
    with pytest.raises(StateError):
        shape_of(kind)


def test_an_order_ends_with_the_key_so_that_nothing_is_left_to_chance() -> None:
    assert order_terms(GoodRow, "-c,a") == (("c", -1), ("a", 1), ("b", 1))
    assert order_terms(GoodRow, "") == ()
