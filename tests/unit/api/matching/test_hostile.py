"""Whatever is sent, the answer says what was expected: nothing makes the service fail."""

import json
from urllib.parse import quote, urlencode

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.api.matching.ground import ask, form
from tests.unit.api.matching.node import open_node

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
WORDS = st.sampled_from(
    ["Person", "Thing", "Ownership", "name", "birthDate", "", "\x00", "\ud800"]
)
TEXT = st.text(max_size=30) | WORDS
EXAMPLES = st.fixed_dictionaries(
    {"schema": TEXT, "properties": st.dictionaries(TEXT, TEXT | st.lists(TEXT | JSON))}
)
NAMES = st.sampled_from(
    [
        "limit",
        "offset",
        "cutoff",
        "threshold",
        "sort",
        "facets",
        "filter",
        "filter_op",
        "fuzzy",
        "nested",
        "changed_since",
        "schema",
        "topics",
        "countries",
        "datasets",
        "include_dataset",
        "exclude_schema",
        "q",
        "prefix",
        "cursor",
        "type",
        "queries",
        "extend",
        "exclude_entity_ids",
        "algorithm",
        "callback",
    ]
)
QUERY = st.lists(
    st.tuples(NAMES, TEXT | st.integers().map(str) | JSON.map(json.dumps)), max_size=4
)
PATHS = st.sampled_from(
    [
        "/search/default",
        "/search/{}",
        "/entities/{}",
        "/entities/p-1",
        "/entities/p-1/adjacent",
        "/catalog",
        "/entities/p-1/adjacent/{}",
        "/reconcile/default",
        "/reconcile/{}",
        "/reconcile/default/suggest/entity",
        "/reconcile/default/suggest/property",
        "/reconcile/default/suggest/type",
        "/algorithms",
        "/reconcile/default/extend/property",
        "/reconcile/default/preview/{}",
        "/healthz",
        "/statements",
    ]
)
FINE = {200, 304, 308, 400, 404}


def encoded(query: list[tuple[str, str]]) -> str:
    return urlencode(query, errors="replace")


@settings(max_examples=60)
@given(path=PATHS, name=TEXT, query=QUERY)
def test_no_address_makes_it_fail(path: str, name: str, query: list[tuple[str, str]]) -> None:
    where = path.format(quote(name, safe="", errors="replace"))
    response = ask("GET", f"{where}?{encoded(query)}")
    assert response.status_code in FINE, response.text


@settings(max_examples=60)
@given(
    body=st.fixed_dictionaries(
        {"queries": st.dictionaries(st.text(max_size=5), EXAMPLES | JSON, max_size=3) | JSON},
        optional={"weights": JSON, "config": JSON},
    )
    | JSON,
    query=QUERY,
)
def test_no_batch_makes_it_fail(body: object, query: list[tuple[str, str]]) -> None:
    sent = json.dumps(body).encode(errors="replace")
    response = ask("POST", f"/match/default?{encoded(query)}", content=sent)
    assert response.status_code in FINE, response.text


@settings(max_examples=30)
@given(st.binary(max_size=200))
def test_no_bytes_make_it_fail(sent: bytes) -> None:
    for path in ("/match/default", "/reconcile/default"):
        for media in ("application/json", "application/x-www-form-urlencoded"):
            response = ask("POST", path, content=sent, headers={"Content-Type": media})
            assert response.status_code == 400


@settings(max_examples=60)
@given(queries=st.dictionaries(st.text(max_size=5), JSON, max_size=3), extend=JSON)
def test_no_form_makes_it_fail(queries: object, extend: object) -> None:
    media = {"Content-Type": "application/x-www-form-urlencoded"}
    for fields in ({"queries": queries}, {"extend": extend}):
        response = ask("POST", "/reconcile/default", content=form(**fields), headers=media)
        assert response.status_code in FINE, response.text


def test_nesting_is_bounded() -> None:
    deep = b'{"queries":' * 100_000
    assert ask("POST", "/match/default", content=deep).status_code == 400


NODE = open_node(secret=True)
HEADERS = st.dictionaries(
    st.sampled_from(["Comity-Case", "Comity-Purpose", "Authorization", "If-None-Match"]),
    st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
    max_size=2,
)


@settings(max_examples=40)
@given(path=PATHS, name=TEXT, query=QUERY, headers=HEADERS)
def test_nothing_makes_a_node_fail(
    path: str, name: str, query: list[tuple[str, str]], headers: dict[str, str]
) -> None:
    NODE.office.world.clock.advance(100)
    where = path.format(quote(name, safe="", errors="replace"))
    response = NODE.ask("GET", f"{where}?{encoded(query)}", headers=headers)
    assert response.status_code in FINE | {401, 403}, response.text


@settings(max_examples=40)
@given(
    body=st.fixed_dictionaries(
        {"queries": st.dictionaries(st.text(max_size=5), EXAMPLES | JSON, max_size=3) | JSON}
    ),
    query=QUERY,
)
def test_no_batch_makes_a_node_fail(body: object, query: list[tuple[str, str]]) -> None:
    NODE.office.world.clock.advance(100)
    sent = json.dumps(body).encode(errors="replace")
    headers = {"Authorization": f"ApiKey {NODE.system}", "Comity-Case": NODE.case}
    path = f"/match/default?{encoded(query)}"
    response = NODE.office.raw("POST", path, content=sent, headers=headers)
    assert response.status_code in FINE, response.text
