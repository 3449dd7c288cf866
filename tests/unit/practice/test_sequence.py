"""Which numbers count, whatever a convenor or a line does to them."""

from dataclasses import replace
from itertools import permutations

import pytest
from tests.joint.paper import ENDORSE, GATE, PAPER, START, A, C, M, N, Table

from comity.core.clock import HOUR, Instant
from comity.core.errors import InvalidInputError
from comity.core.ids import AgencyId, NodeId
from comity.practice import (
    NUMBER_WITHIN,
    Group,
    Number,
    Quorum,
    chain,
    forks,
    handover_need,
    is_left_out,
    number_statement,
    read_number,
    rival_revisions,
)


def table_of(count: int = 4) -> Table:
    table = Table()
    table.open()
    for _ in range(count - 1):
        table.act(GATE, value="red")
    return table


def numbers_of(table: Table, *numbers: Number) -> list[int]:
    held = table.held(numbers=numbers)
    return [each.number for each in chain(held, need=3).numbers]


def test_numbers_are_put_in_order_and_what_comes_twice_counts_once() -> None:
    table = table_of()
    for order in permutations(table.numbers):
        assert numbers_of(table, *order, *order) == [1, 2, 3, 4]


def test_what_is_early_waits_for_its_predecessor() -> None:
    table = table_of()
    first, second, _, last = table.numbers
    found = chain(table.held(numbers=(last, first, second)), need=3)
    assert (len(found.numbers), found.waits_for) == (2, "number")


def test_a_number_whose_act_is_not_here_is_waited_for() -> None:
    table = table_of()
    missing = table.numbers[2].act
    acts = {digest: frame for digest, frame in table.acts.items() if digest != missing}
    view = table.view(held=table.held(acts=acts))
    assert (view.number, view.waits_for) == (2, "act")


def test_a_convenor_that_skips_renumbers_or_dates_back_is_not_followed() -> None:
    table = table_of()
    last = table.numbers[-1]
    for lie in (
        replace(last, number=9),
        replace(last, previous="ee" * 32),
        replace(last, at=Instant(START)),
        replace(last, by=A),
        replace(last, epoch=2, number=5, previous=last.act),
    ):
        assert numbers_of(table, *table.numbers[:3], lie) == [1, 2, 3]


def test_the_first_number_is_that_of_the_act_that_opens() -> None:
    table = table_of()
    other = replace(table.numbers[0], act=table.numbers[1].act)
    assert numbers_of(table, other) == []


def test_two_numbers_for_one_place_are_a_fork_and_the_case_stops_before_it() -> None:
    table = table_of(3)
    one = table.number(table.put(table.frame(GATE, value="red")))
    other = table.number(table.put(table.frame(GATE, value="green")))
    assert forks([one, other, one])[0] in {forks([one, other])[0], forks([other, one])[0]}
    assert forks([one, one]) == ()
    found = chain(table.held(numbers=(*table.numbers, one, other)), need=3)
    assert (len(found.numbers), found.waits_for) == (3, "fork")


def test_a_second_number_for_an_old_place_rewrites_nothing() -> None:
    table = table_of(4)
    other = replace(table.numbers[1], act=table.put(table.frame(GATE, value="green")))
    held = table.held(numbers=(*table.numbers, other))
    assert chain(held, need=3).numbers == tuple(table.numbers)


def test_one_act_numbered_at_two_times_stands_at_the_earlier() -> None:
    table = table_of(2)
    later = replace(table.numbers[-1], at=Instant(table.clock + HOUR))
    found = chain(table.held(numbers=(*table.numbers, later)), need=3)
    assert found.numbers[-1] == table.numbers[-1]
    assert forks([table.numbers[-1], later]) != ()


def test_who_was_left_out_proves_it_with_its_receipt() -> None:
    table = table_of(3)
    act = table.put(table.frame(ENDORSE, A))
    stored_at = Instant(table.clock)
    assert not is_left_out(act, stored_at, table.numbers)
    table.act(GATE, value="red", after=NUMBER_WITHIN + 1)
    assert is_left_out(act, stored_at, table.numbers)
    assert not is_left_out(table.numbers[1].act, stored_at, table.numbers)
    assert not is_left_out(act, stored_at, table.numbers[1:])
    assert not is_left_out(act, stored_at, [table.numbers[0], table.numbers[-1]])
    assert not is_left_out(act, stored_at, [])


def test_two_bodies_of_one_author_for_one_revision_are_evidence() -> None:
    table = table_of(2)
    assert rival_revisions(table.acts) == ()
    both = {table.amend(), table.put(table.frame("papers.amend/1", N, revision=2))}
    ((one, other),) = rival_revisions(table.acts)
    assert {one, other} == both


def test_a_declaration_may_ask_more_than_half_to_hand_the_numbering_over() -> None:
    def need(*groups: Group) -> int:
        quorums = {"over": Quorum(groups=groups)} if groups else {}
        case = replace(PAPER, quorums=quorums, handover="over" if groups else "")
        return handover_need(case, 4)

    assert need() == 3
    assert need(Group(kinds=(), need=2)) == 3
    assert need(Group(kinds=(), need=4)) == 4
    assert need(Group(kinds=())) == 4


def handed(table: Table, *parties: AgencyId, to: AgencyId = A, number: int = 3) -> list[str]:
    return [
        table.put(
            table.frame(
                "papers.handover/1", party, successor=[to], epoch=table.epoch + 1, number=number
            )
        )
        for party in parties
    ]


def succession(table: Table, rests: list[str], *, by: AgencyId = A, number: int = 3) -> Number:
    act = table.put(
        table.frame(
            "papers.succeed/1", by, epoch=table.epoch + 1, number=number, rests=sorted(rests)
        )
    )
    before = table.numbers[number - 1]
    return Number(
        case=before.case,
        epoch=table.epoch + 1,
        number=number + 1,
        previous=before.act,
        act=act,
        at=Instant(table.clock),
        by=by,
    )


def test_more_than_half_hand_the_numbering_over_and_the_successor_goes_on() -> None:
    table = table_of(3)
    first = succession(table, handed(table, A, C, M))
    more = replace(first, number=5, previous=first.act, act=table.numbers[1].act)
    found = chain(table.held(numbers=(*table.numbers, first, more)), need=3)
    assert (found.convenor, found.epoch, len(found.numbers)) == (A, 2, 5)
    table.numbers.append(first)
    table.by, table.epoch = A, 2
    (endorsed,) = table.endorse(C)
    assert table.reason(endorsed) == ""
    assert table.view().convenor == A


def test_what_the_old_convenor_numbers_after_a_handover_does_not_count() -> None:
    table = table_of(3)
    late = table.number(table.put(table.frame(GATE, value="green")))
    first = succession(table, handed(table, A, C, M))
    found = chain(table.held(numbers=(*table.numbers, late, first)), need=3)
    assert late not in found.numbers
    assert found.convenor == A


@pytest.mark.parametrize(
    "lie", ["too few", "of a stranger", "to another", "drops", "unheld", "no succession"]
)
def test_nobody_numbers_by_its_own_word(lie: str) -> None:
    table = table_of(3)
    rests = handed(table, A, C, M)
    match lie:
        case "too few":
            rests = rests[:2]
        case "of a stranger":
            rests = [*rests[:2], *handed(table, AgencyId("xz.none"))]
        case "to another":
            rests = [*rests[:2], *handed(table, M, to=C)]
        case "drops":
            rests = [*rests[:2], *handed(table, M, number=9)]
        case "unheld":
            rests = [*rests[:2], "ee" * 32]
        case _:
            rests = []
    first = succession(table, rests)
    if lie == "no succession":
        first = replace(first, act=table.numbers[2].act)
    found = chain(table.held(numbers=(*table.numbers, first)), need=3)
    assert (found.convenor, len(found.numbers)) == (N, 3)


def test_a_stranger_succeeds_nobody() -> None:
    table = table_of(3)
    stranger = AgencyId("xz.none")
    first = succession(table, handed(table, A, C, M, to=stranger), by=stranger)
    assert chain(table.held(numbers=(*table.numbers, first)), need=3).convenor == N


def test_a_number_is_read_as_it_was_written() -> None:
    number = table_of(1).numbers[0]
    node = NodeId("xn.police.n1")
    assert read_number(number_statement(number, node)) == (number, node)


@pytest.mark.parametrize(
    "bad", [{"number": 0}, {"epoch": 0}, {"at": Instant(10**16)}, {"act": "ab"}]
)
def test_a_number_out_of_its_limits_is_refused(bad: dict[str, object]) -> None:
    number = replace(table_of(1).numbers[0], **bad)  # type: ignore[arg-type]
    with pytest.raises(InvalidInputError):
        read_number(number_statement(number, NodeId("xn.police.n1")))
