"""`node.toml`: read whole or not at all, and every fault names the file."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.node.ground import config_of

from comity.core.errors import ConfigurationError
from comity.node.config import FILE, Config, address, read_config, write_config
from comity.node.settings import Service, Web

PLAIN = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=60)


def stored(folder: Path, config: Config) -> Config:
    (folder / FILE).write_text(write_config(config), "utf-8")
    return read_config(folder)


def test_a_configuration_reads_back_as_it_was_written(tmp_path: Path) -> None:
    config = replace(
        config_of("xn", "police"),
        mirrors=("http://127.0.0.1:1", "/media/stick"),
        root="ab" * 32,
        store="postgresql:///comity",
        master="demonstration",
        notify=(("command", "/bin/page me"), ("webhook", "https://example.org")),
        web=Web(listen="http://127.0.0.1:3", proxies=("10.0.0.0/8", "::1"), calls=7),
        service=Service(user="comity", lease=12),
    )
    assert stored(tmp_path, config) == config


@given(name=PLAIN, where=PLAIN)
def test_whatever_a_name_holds_it_stays_one_name(
    tmp_path_factory: pytest.TempPathFactory, name: str, where: str
) -> None:
    if "\x7f" in name + where or not name.strip():
        return
    config = replace(config_of("xn", "police"), name=name, notify=(("command", where),))
    assert stored(tmp_path_factory.mktemp("node"), config) == config


@pytest.mark.parametrize("name", ["a\nb", "a\x00b", "\t"])
def test_a_control_character_is_not_written(name: str) -> None:
    with pytest.raises(ConfigurationError, match="control character"):
        write_config(replace(config_of("xn", "police"), name=name))


def test_a_folder_without_a_node_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="comity node init"):
        read_config(tmp_path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('sort = "police"', 'sort = "guild"'),
        ('member = "xn"', 'member = "X N"'),
        ('member = "xn"', ""),
        ('node = "xn.police.n1"', "node = 7"),
        ('url = "http://127.0.0.1:1"', 'url = "127.0.0.1"'),
        ('console = "http://127.0.0.1:2"', 'console = "http://127.0.0.1:99999"'),
        ("[directory]", "[directory"),
        ("mirrors = []", 'mirrors = "one"'),
        ('name = "xn police"', 'name = "\x01"'),
        ("[directory]", "[web]\nlisten = 'here'\n[directory]"),
        ("[directory]", "[web]\ncalls = -1\n[directory]"),
        ("[directory]", "[web]\nproxies = ['proxy.example']\n[directory]"),
        ("[directory]", "[web]\nclient_certificates = 'all'\n[directory]"),
        ("[directory]", "[service]\nconnections = 0\n[directory]"),
        ("[directory]", "[service]\nlease = 1\n[directory]"),
    ],
)
def test_a_wrong_setting_names_the_file(tmp_path: Path, old: str, new: str) -> None:
    text = write_config(config_of("xn", "police"))
    assert old in text
    (tmp_path / FILE).write_text(text.replace(old, new), "utf-8")
    with pytest.raises(ConfigurationError, match=r"node\.toml"):
        read_config(tmp_path)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"\x00", b"name = 'x'\nname = 'y'"])
def test_bytes_that_are_no_settings_are_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / FILE).write_bytes(data)
    with pytest.raises(ConfigurationError):
        read_config(tmp_path)


@pytest.mark.parametrize(
    "url", ["", "http://", "ftp://h:1", "http://h", "http://h:x", "http://h:70000", "h:1"]
)
def test_an_address_needs_scheme_host_and_port(url: str) -> None:
    with pytest.raises(ConfigurationError):
        address(url)


def test_an_address_gives_host_and_port() -> None:
    assert address("https://node.example.org:8443") == ("node.example.org", 8443)


@pytest.mark.parametrize("said", ["colour = 1", "[web]\nlisen = 'http://h:1'", "[wep]\na = 1"])
def test_a_misspelt_setting_is_refused_and_never_passed_over(tmp_path: Path, said: str) -> None:
    text = write_config(config_of("xn", "police"))
    where = text + said if said.startswith("[") else f"{said}\n{text}"
    (tmp_path / FILE).write_text(where, "utf-8")
    with pytest.raises(ConfigurationError, match="unknown field"):
        read_config(tmp_path)


def test_a_node_listens_where_it_is_called_unless_told_otherwise() -> None:
    config = config_of("xn", "police")
    assert (config.listen, config.people) == (config.url, config.console)
    behind = replace(config, web=Web(listen="http://127.0.0.1:9", people="http://[::1]:10"))
    assert (behind.listen, behind.people) == ("http://127.0.0.1:9", "http://[::1]:10")
