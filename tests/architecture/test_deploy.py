"""Units and container files say what the program knows, and give up what it does not need."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path
from typing import cast

import pytest
import typer
import yaml

from comity.cli.main import app

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
CONTAINERFILE = (DEPLOY / "container" / "Containerfile").read_text()
COMPOSE = cast(
    "dict[str, dict[str, dict[str, object]]]",
    yaml.safe_load((DEPLOY / "container" / "compose.yaml").read_text()),
)
HARDENED = {
    "CapabilityBoundingSet": "",
    "LimitCORE": "0",
    "NoNewPrivileges": "yes",
    "PrivateDevices": "yes",
    "ProtectHome": "yes",
    "ProtectSystem": "strict",
    "RestrictNamespaces": "yes",
    "UMask": "0077",
}


def unit(path: Path) -> configparser.SectionProxy:
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # as its own page tells
    parser.read_string(path.read_text())
    return parser["Service"]


def known(words: list[str]) -> bool:
    """Whether the command line knows these words: groups, command, and every option."""
    command: object = typer.main.get_command(app)
    while words and hasattr(command, "commands") and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    names = {name for each in getattr(command, "params", ()) for name in each.opts}
    return not hasattr(command, "commands") and all(
        word in names for word in words if word.startswith("--")
    )


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_calls_what_the_program_knows_and_gives_up_the_rest(path: Path) -> None:
    service = unit(path)
    program, *words = service["ExecStart"].split()
    assert program == "/opt/comity/bin/comity"
    assert known(words)
    assert service["Type"] == "notify"
    assert service["User"] != "root"
    assert {name: service[name] for name in HARDENED} == HARDENED


def test_a_word_the_program_does_not_know_is_seen() -> None:
    assert known(["node", "serve", "DIR", "--role", "web"])
    assert not known(["node", "serve", "DIR", "--rule", "web"])
    assert not known(["node", "sarve", "DIR"])


def test_systemd_itself_finds_no_fault(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return  # not a skip: the tests above hold where there is no systemd
    for path in sorted((DEPLOY / "systemd").iterdir()):
        text = path.read_text().replace("/opt/comity/bin/comity", "/bin/true")
        text = re.sub(r"^(User|Group)=comity$", r"\1=root", text, flags=re.MULTILINE)
        (tmp_path / path.name).write_text(text)
        (tmp_path / path.name.replace("@.", "@1.")).write_text(text)
    made = sorted(str(each) for each in tmp_path.iterdir() if "@." not in each.name)
    found = subprocess.run(
        [analyze, "verify", *made],
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:/lib/systemd/system", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in found.stderr.splitlines() if "comity" in line]
    assert (found.returncode, said) == (0, [])


def test_the_container_is_built_from_what_is_there_and_runs_as_nobody_special() -> None:
    for line in CONTAINERFILE.splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source
    froms = re.findall(r"^FROM (\S+)", CONTAINERFILE, flags=re.MULTILINE)
    assert froms
    assert all(":" in each and not each.endswith(":latest") for each in froms)
    last = CONTAINERFILE.rpartition("FROM ")[2]
    assert re.search(r"^USER [1-9]\d*$", last, flags=re.MULTILINE)
    assert "--require-hashes" in CONTAINERFILE
    assert not re.search(r"^\s*(ADD|RUN .*(curl|wget|git) )", CONTAINERFILE, flags=re.MULTILINE)
    command = re.search(r"^CMD \[(.+)\]$", last, flags=re.MULTILINE)
    assert command is not None
    assert known([word.strip(' "') for word in command[1].split(",")])


def test_every_container_of_the_node_is_read_only_and_without_rights() -> None:
    nodes = {k: v for k, v in COMPOSE["services"].items() if k != "store"}
    assert len(nodes) == 4
    for each in nodes.values():
        assert each["read_only"] is True
        assert each["cap_drop"] == ["ALL"]
        assert each["security_opt"] == ["no-new-privileges:true"]
        assert known(cast("list[str]", list(cast("list[str]", each["command"]))))
    assert COMPOSE["services"]["store"]["network_mode"] == "none"
