"""The guards against automation bias: what must be absent cannot be built, nor rendered."""

import re
from dataclasses import replace

import pytest

from comity.console import render
from comity.console.judgement import Band, Comparison, Outcome, Stage, View
from comity.console.parts import Shell
from comity.console.views import Page
from comity.core.clock import Instant
from comity.core.errors import StateError

Pages = dict[str, tuple[Page, Shell]]
BAND = Band(place="possible", known="Judged here: 212")
VIEW = View(officer="M. Kolar", choice="Different person", reason="r", at=Instant(0))


def first(pages: Pages) -> Comparison:
    page, _ = pages["comparison-first"]
    assert isinstance(page, Comparison)
    return page


def test_before_the_first_view_no_band_or_weight_is_in_the_source(pages: Pages) -> None:
    for name in ("comparison-first", "comparison-second"):
        html = render(*pages[name])
        assert not re.search(r"score|class=\"(bands|wt)\"|Weight|Strength|Judged at", html)


def test_after_the_first_view_the_band_stands_with_what_became_of_it(pages: Pages) -> None:
    html = render(*pages["comparison-final"])
    assert re.search(r'class="here" aria-current="true">Possible<', html)
    assert "Judged at this node in this band" in html
    assert "The band decides nothing." in html


@pytest.mark.parametrize("name", ["comparison-first", "comparison-final", "comparison-done"])
def test_no_number_on_the_page_reads_like_a_chance(pages: Pages, name: str) -> None:
    html = render(*pages[name])
    assert not re.search(r"\b[01]?\.\d\d\b|\d ?%|of 1\b", html.partition("<main")[2])


def test_a_name_is_laid_out_word_by_word(pages: Pages) -> None:
    html = render(*pages["comparison-first"])
    words = html.partition('class="words"')[2].partition("</ul>")[0]
    assert words.count("<li") == 3
    assert "common word" in words
    assert "no such word" in words


def test_a_number_runs_left_to_right_on_every_page(pages: Pages) -> None:
    _, shell = pages["comparison-first"]
    html = render(first(pages), replace(shell, lang="ar"))
    assert '<bdi dir="ltr">1988-04-17</bdi>' in html


def test_what_speaks_against_is_gathered_and_named(pages: Pages) -> None:
    html = render(*pages["comparison-first"])
    against = html.partition("What speaks against")[2].partition("</ul>")[0]
    assert "Issuing state" in against
    assert "One document cannot have two issuers" in against
    bare = render(replace(first(pages), against=()), pages["comparison-first"][1])
    assert "That proves nothing." in bare


@pytest.mark.parametrize("name", ["comparison-first", "candidates"])
def test_an_answer_says_when_the_name_is_too_common(pages: Pages, name: str) -> None:
    assert "Too common: add evidence" in render(*pages[name])


def test_a_first_view_cannot_be_built_with_a_band(pages: Pages) -> None:
    with pytest.raises(StateError, match="no band"):
        replace(first(pages), band=BAND)


def test_a_first_view_cannot_be_built_with_weights(pages: Pages) -> None:
    page = first(pages)
    with pytest.raises(StateError, match="no weights"):
        replace(page, evidence=(replace(page.evidence[1], weight=0),))


def test_a_first_view_cannot_be_built_with_the_weight_of_a_word(pages: Pages) -> None:
    page = first(pages)
    word = replace(page.evidence[0].words[0], weight=0)
    with pytest.raises(StateError, match="no weights"):
        replace(page, evidence=(replace(page.evidence[0], words=(word,)),))


def test_the_second_officer_cannot_be_shown_the_first_view_beforehand(pages: Pages) -> None:
    with pytest.raises(StateError, match="no recorded view"):
        replace(first(pages), is_second=True, other=VIEW)


def test_the_second_officer_is_told_that_a_view_is_hidden_and_not_which(pages: Pages) -> None:
    html = render(*pages["comparison-second"])
    assert "hidden until yours is recorded" in html
    assert "M. Kolar" not in html


@pytest.mark.parametrize("stage", list(Stage))
def test_no_judgement_can_be_chosen_beforehand(pages: Pages, stage: Stage) -> None:
    page = first(pages)
    chosen = replace(page.choices[0], is_chosen=True)
    with pytest.raises(StateError, match="chosen beforehand"):
        replace(page, stage=stage, choices=(chosen,))


def test_the_judgement_and_its_reason_are_required(pages: Pages) -> None:
    html = render(*pages["comparison-first"])
    radios = re.findall(r'<input type="radio"[^>]*>', html)
    assert len(radios) == 3
    assert all("required" in radio and "checked" not in radio for radio in radios)
    assert re.search(r'<textarea id="reason"[^>]*required', html)


def test_a_closed_comparison_takes_no_more_judgements(pages: Pages) -> None:
    html = render(*pages["comparison-done"])
    assert 'name="judgement"' not in html


def test_what_was_not_sent_or_was_withheld_is_never_counted_as_different(pages: Pages) -> None:
    page = first(pages)
    assert (page.count(Outcome.DIFFERS), page.count(Outcome.ABSENT)) == (2, 2)


def test_the_list_of_candidates_shows_no_score(pages: Pages) -> None:
    html = render(*pages["candidates"])
    assert not re.search(r"\b[01]\.\d\d\b|score", html)
