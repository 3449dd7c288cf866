"""Every example page, in both languages, against the rules that bind every page."""

import gzip
import json
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from typing import cast

import pytest
from typing_extensions import override

from comity.console import SECURITY_HEADERS, render
from comity.console.parts import Marking, Shell, Theme
from comity.console.registers import Entity
from comity.console.render import asset, icon
from comity.console.views import Held, Inbox, Page, Preview
from comity.core.clock import Instant
from comity.core.errors import StateError

Pages = dict[str, tuple[Page, Shell]]
STATIC = files("comity.console").joinpath("static")
HOSTILE = "<script>alert(1)</script>\"'\u202egnp.exe"


class Reader(HTMLParser):
    """Collects what the rules are about."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.forms: list[list[str]] = []
        self.labels: set[str] = set()
        self.inside: list[str] = []
        self.unlabelled: list[str] = []
        self.scripts = ""
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        self.inside.append(tag)
        if tag == "form":
            self.forms.append([])
        if tag == "label" and given.get("for"):
            self.labels.add(str(given["for"]))
        if tag in {"input", "select", "textarea"}:
            self._control(given)
        if tag in {"input", "link", "meta"}:
            self.inside.pop()

    def _control(self, given: dict[str, str | None]) -> None:
        if self.forms:
            self.forms[-1].append(str(given.get("name")))
        named = (
            "label" in self.inside or given.get("aria-label") or given.get("type") == "hidden"
        )
        if not named:
            self.unlabelled.append(str(given.get("id")))

    @override
    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop() != tag:
            pass

    @override
    def handle_data(self, data: str) -> None:
        if self.inside and self.inside[-1] == "script":
            self.scripts += data


def test_no_page_carries_inline_script_or_style(html: str) -> None:
    read = Reader(html)
    assert read.scripts.strip() == ""
    for tag, attrs in read.tags:
        assert tag != "style"
        assert "style" not in attrs
        assert not [name for name in attrs if name.startswith(("on", "hx-on"))]
        assert "javascript:" not in (attrs.get("href") or "")


def test_every_form_is_posted_with_its_csrf_field(html: str) -> None:
    read = Reader(html)
    forms = [attrs for tag, attrs in read.tags if tag == "form"]
    assert all(form.get("method") == "post" for form in forms)
    assert all("csrf" in names for names in read.forms)


def test_every_control_has_a_label(html: str) -> None:
    read = Reader(html)
    assert set(read.unlabelled) <= read.labels


def test_ids_are_unique_and_what_is_described_exists(html: str) -> None:
    read = Reader(html)
    ids = [attrs["id"] for _, attrs in read.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))
    wanted = {
        word
        for _, attrs in read.tags
        for name in ("aria-describedby", "aria-labelledby")
        for word in (attrs.get(name) or "").split()
    }
    assert wanted <= set(ids)


def test_a_whole_page_states_language_direction_and_a_way_to_its_content(html: str) -> None:
    if not html.lstrip().startswith("<!doctype"):
        return
    read = Reader(html)
    page = next(attrs for tag, attrs in read.tags if tag == "html")
    assert (page["lang"], page["dir"]) in {("en", "ltr"), ("ar", "rtl")}
    assert any(attrs.get("href") == "#main" for tag, attrs in read.tags if tag == "a")
    assert sum(tag == "main" for tag, _ in read.tags) == 1
    assert sum(tag == "h1" for tag, _ in read.tags) <= 1


def test_a_page_without_account_loads_no_script(pages: Pages) -> None:
    for name in ("sign-in", "challenge", "challenge-received", "problem-alone"):
        assert "<script" not in render(*pages[name])


def test_a_partners_text_is_text_and_its_direction_marks_are_seen(pages: Pages) -> None:
    inbox, shell = pages["inbox"]
    assert isinstance(inbox, Inbox)
    assert isinstance(inbox.preview, Preview)
    hostile = replace(inbox.preview, title=HOSTILE, quote=HOSTILE, reference=HOSTILE)
    html = render(replace(inbox, preview=hostile), replace(shell, told=HOSTILE))
    assert "<script>alert" not in html
    assert "\u202e" not in html
    assert "⟨U+202E⟩gnp.exe" in html


def test_a_hostile_value_breaks_out_of_no_attribute(pages: Pages) -> None:
    _, shell = pages["entity"]
    held = Held(
        subject=HOSTILE,
        property=HOSTILE,
        value=HOSTILE,
        grade=HOSTILE,
        source=HOSTILE,
        marking=HOSTILE,
        basis=HOSTILE,
        until=Instant(0),
        href='/x" onfocus="alert(1)',
    )
    entity = Entity(reference=HOSTILE, name=HOSTILE, schema=HOSTILE, values=(held,))
    read = Reader(render(entity, shell))
    assert read.scripts.strip() == ""
    assert not [a for _, attrs in read.tags for a in attrs if a.startswith("on")]


def test_letters_of_two_scripts_in_one_identifier_are_pointed_out(pages: Pages) -> None:
    assert "Letters of several scripts" in render(*pages["case-values"])


def test_an_exercise_is_marked_on_the_banner_and_in_the_title(pages: Pages) -> None:
    page, shell = pages["inbox"]
    marking = Marking(level="RESTRICTED", tlp="GREEN", exercise="NORTHERN LIGHT")
    html = render(page, replace(shell, marking=marking))
    assert "<title>EXERCISE" in html
    assert "marking exercise" in html


def test_the_stored_theme_and_the_choice_of_keys_are_on_the_page(pages: Pages) -> None:
    page, shell = pages["inbox"]
    assert 'data-theme="auto"' in render(page, shell)
    html = render(page, replace(shell, theme=Theme.DARK, has_keys=False))
    assert 'data-theme="dark"' in html
    assert "data-keys" not in html


def test_a_blocked_act_stays_focusable_with_its_rule(pages: Pages) -> None:
    html = render(*pages["case"])
    read = Reader(html)
    blocked = [
        a for tag, a in read.tags if tag == "button" and a.get("aria-disabled") == "true"
    ]
    assert blocked
    assert all("disabled" not in attrs and attrs["aria-describedby"] for attrs in blocked)
    assert "Originator control" in html


def test_stored_at_the_partner_and_seen_by_a_person_are_told_apart(pages: Pages) -> None:
    html = render(*pages["case"])
    for words in ("Stored at the partner", "Seen by a person", "Not seen by a person yet"):
        assert words in html


def test_the_law_panel_is_the_same_alone_and_in_the_composer(pages: Pages) -> None:
    alone = render(*pages["law-panel"])
    assert alone.strip() in render(*pages["composer"])


def test_the_policy_allows_nothing_but_the_own_origin() -> None:
    policy = SECURITY_HEADERS["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_an_unknown_icon_is_our_own_fault() -> None:
    with pytest.raises(StateError, match="no icon"):
        icon("no-such-icon")


def test_a_changed_file_gets_a_new_address() -> None:
    assert asset("app.css").startswith("/static/app.css?")


def test_all_script_together_stays_within_150_kilobytes_compressed() -> None:
    scripts = (
        STATIC.joinpath(name).read_bytes() for name in ("vendor/htmx.min.js", "console.js")
    )
    assert sum(len(gzip.compress(script)) for script in scripts) < 150_000


def test_the_style_sheet_is_logical_but_for_the_one_rule_it_explains() -> None:
    sheet = STATIC.joinpath("app.css").read_text(encoding="utf-8")
    for physical in ("margin-left", "margin-right", "padding-left", "padding-right"):
        assert physical not in sheet
    assert sheet.count("text-align: left") + sheet.count("text-align: right") == 2


def test_the_manifest_names_every_vendored_file() -> None:
    text = STATIC.joinpath("vendor/manifest.json").read_text(encoding="utf-8")
    named = set(cast("dict[str, object]", json.loads(text)))
    present = {found.name for found in STATIC.joinpath("vendor").iterdir()}
    assert present == named | {"manifest.json"}
