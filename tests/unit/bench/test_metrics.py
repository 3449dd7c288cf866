"""Figures of a scorer, beside values worked out by hand."""

import pytest
from bench.quality.metrics import (
    Bin,
    Scored,
    at_threshold,
    average_precision,
    best_f1,
    by_group,
    calibration_error,
    curve,
    interval,
    recall_at_false_rate,
    reliability,
)

# Highest first: same, same, other, same, other, other.
SIX: Scored = [(0.4, False), (0.9, True), (0.7, False), (0.8, True), (0.6, True), (0.1, False)]


def test_a_threshold_divides_the_pairs_at_and_above_it() -> None:
    rates = at_threshold(SIX, 0.7)
    assert (rates.precision, rates.recall, rates.false_rate) == (2 / 3, 2 / 3, 1 / 3)
    assert rates.f1 == pytest.approx(2 / 3)


def test_a_threshold_nobody_reaches_finds_nothing() -> None:
    assert at_threshold(SIX, 0.95).f1 == 0.0


def test_the_best_threshold_takes_all_three_for_one_mistake() -> None:
    best = best_f1(SIX)
    assert best.threshold == 0.6
    assert best.f1 == pytest.approx(2 * 0.75 / 1.75)


def test_average_precision_sums_precision_at_each_step_of_recall() -> None:
    assert average_precision(SIX) == pytest.approx((1 + 1 + 3 / 4) / 3)


def test_a_tie_is_taken_whole_so_that_no_order_helps() -> None:
    tied = [(0.5, True), (0.5, False), (0.5, False), (0.5, False)]
    assert len(curve(tied)) == 1
    assert average_precision(tied) == average_precision(tied[::-1]) == 0.25
    assert recall_at_false_rate(tied, 0.5).recall == 0.0


def test_recall_is_read_where_few_others_pass() -> None:
    assert recall_at_false_rate(SIX, 0.01).recall == pytest.approx(2 / 3)
    assert recall_at_false_rate(SIX, 0.34).recall == 1.0


def test_bins_hold_as_many_pairs_each_and_say_what_was_found() -> None:
    low, high = reliability([(0.25, False), (0.75, True), (0.875, True), (1.0, True)], 2)
    assert low == Bin(2, 0.5, 0.5)
    assert high == Bin(2, 0.9375, 1.0)


def test_the_calibration_error_weighs_each_bin_by_its_pairs() -> None:
    scored = [(0.2, False), (0.4, True), (0.8, True), (1.0, True)]
    assert calibration_error(scored, 2) == pytest.approx((2 * 0.2 + 2 * 0.1) / 4)
    assert calibration_error([]) == 0.0


def test_an_interval_holds_the_figure_and_narrows_with_more_pairs() -> None:
    few, many = list(SIX), list(SIX) * 50
    low, high = interval(few, average_precision)
    assert low <= average_precision(few) <= high
    assert interval(few, average_precision) == (low, high)
    closer = interval(many, average_precision)
    assert closer[1] - closer[0] < high - low


def test_errors_are_told_group_by_group() -> None:
    told = [("arabic", 0.9, True), ("arabic", 0.2, True), ("latin", 0.8, False)]
    assert by_group(told, 0.7) == {"arabic": (2, 0, 0.5, 0.0), "latin": (0, 1, 0.0, 1.0)}
