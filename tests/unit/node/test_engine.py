import json
import socket
from pathlib import Path

import pytest

from comity.core.errors import (
    ComityError,
    ConfigurationError,
    InvalidInputError,
    UnreachableError,
)
from comity.node.engine import Opening, open_lists, serve_lists
from comity.node.lists import list_files
from comity.screening import Query
from comity.screening.matching import Ask, Batch, Page, Scope, TextSearch, method

CSV = "id,schema,name,birthDate\np-1,Person,Anna Example,1988\np-2,Person,Bert Sample,1990\n"
SDN = '{n},"{name}",individual,"SDGT",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \n'


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def ftm(*names: str) -> str:
    lines = [
        json.dumps({"id": f"e-{n}", "schema": "Person", "properties": {"name": [name]}})
        for n, name in enumerate(names)
    ]
    return "\n".join(lines)


def test_every_format_is_loaded_under_a_name_of_its_own(tmp_path: Path) -> None:
    write(
        tmp_path,
        people__csv=CSV,
        more__jsonl=ftm("Carla Sample", "Dora Example"),
        sdn__csv=SDN.format(n=36, name="EXAMPLE, Emil"),
    )
    told = list[str]()
    files = list_files(
        [
            f"csv:{tmp_path / 'people.csv'}",
            f"csv:{tmp_path / 'people.csv'}",
            f"ftm:{tmp_path}",
            f"ofac-sdn:{tmp_path}",
        ]
    )
    matcher = open_lists(files, told=told.append)
    assert [each.name for each in matcher.catalog().sources] == [
        *("people", "people-2", "more", "ofac-sdn")
    ]
    assert [each.entities for each in matcher.catalog().sources] == [2, 2, 2, 1]
    assert any(each.startswith("indexing") for each in told)
    query = Query(schema="Person", properties={"name": ("Emil Example",)})
    asked = Batch(
        asks=(Ask(key="q", query=query),), scope=Scope(dataset="default"), limit=3, cutoff=0.3
    )
    found = matcher.match(asked)["q"].candidates
    assert [each.held.entity_id for each in found] == ["ofac-36"]


def test_what_cannot_be_taken_is_counted_and_costs_nothing_else(tmp_path: Path) -> None:
    lines = [ftm("Anna Example"), "nonsense", "x" * 2_000_000, '{"id": 7}']
    write(tmp_path, list__jsonl="\n".join([*lines, ftm("Bert Sample").replace("e-0", "e-9")]))
    told = list[str]()
    matcher = open_lists(list_files([f"ftm:{tmp_path}"]), told=told.append)
    assert len(matcher) == 2
    assert "list: 3 values or rows could not be taken" in told


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("wizard:x", "names no list"),
        ("csv", "names no list"),
        ("csv:", "names no list"),
        ("csv:{}/missing.csv", "no such file"),
        ("ofac-sdn:{}", "no `sdn.csv`"),
        ("un-sc:{}", "no file of format un-sc"),
    ],
)
def test_a_list_that_is_not_there_is_said_before_anything_is_loaded(
    tmp_path: Path, named: str, told: str
) -> None:
    with pytest.raises(InvalidInputError, match=told):
        list_files([named.format(tmp_path)])


@pytest.mark.parametrize("text", ["", "name\nAnna\n", "id,schema,name\n"])
def test_a_file_of_another_format_is_named(tmp_path: Path, text: str) -> None:
    write(tmp_path, list__csv=text)
    with pytest.raises(InvalidInputError, match=r"list\.csv"):
        open_lists(list_files([f"csv:{tmp_path}"]), told=list[str]().append)


def test_nothing_is_answered_before_everything_is_open(tmp_path: Path) -> None:
    write(tmp_path, list__csv=CSV)
    matcher, scope = Opening(), Scope(dataset="default")
    assert not matcher.is_ready()
    assert matcher.method() is method()
    search = TextSearch(text="anna", schema="Thing", scope=scope, page=Page(limit=5))
    batch = Batch(asks=(), scope=scope, limit=5, cutoff=0.5)
    acts = (
        matcher.catalog,
        lambda: matcher.search(search),
        lambda: matcher.match(batch),
        lambda: matcher.entity("p-1"),
        lambda: matcher.extend(("p-1",)),
        lambda: matcher.suggest(scope, "anna", limit=3),
    )
    for act in acts:
        with pytest.raises(ComityError, match="still being loaded") as caught:
            act()
        assert caught.value.code == UnreachableError.code
    matcher.opened = open_lists(list_files([f"csv:{tmp_path}"]), told=list[str]().append)
    assert matcher.is_ready()
    for act in acts:
        act()


@pytest.mark.enable_socket
def test_a_port_in_use_is_named_before_anything_is_loaded(tmp_path: Path) -> None:
    write(tmp_path, list__csv=CSV)
    told = list[str]()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {port} is in use"):
            serve_lists([f"csv:{tmp_path}"], port=port, told=told.append)
    assert told == []


def test_at_least_one_list_is_served() -> None:
    with pytest.raises(InvalidInputError, match="at least one list"):
        serve_lists([], port=8_800, told=list[str]().append)
