"""What a stick's file does on a machine that has nothing yet: `python3 FILE FOLDER`.

It installs the software the file brings into FOLDER/software, and nothing else; `comity stick
show` and `apply` then verify the rest against the network's root. Standard library only: it is
copied into the file as it is.

RISK: until the software stands, nothing here can verify who signed. Whoever runs it compares
the SHA-256 it shows with the one told by another road, and types its first eight digits.
"""

import hashlib
import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

TYPED = 8


def main(arguments: list[str]) -> int:
    """Install into the folder named; return an exit code."""
    source = Path(__file__).resolve().parent
    if len(arguments) != 1 or source.suffix == "":
        sys.stderr.write("usage: python3 FILE FOLDER\n")
        return 2
    digest = _digest(source)
    sys.stderr.write(f"SHA-256 of this file:\n  {digest}\n")
    sys.stderr.write(
        f"Compare it with the one told to you by another road; type its first {TYPED} digits: "
    )
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() != digest[:TYPED]:
        sys.stderr.write("not confirmed: nothing was installed\n")
        return 1
    return install(source, Path(arguments[0]))


def install(source: Path, folder: Path) -> int:
    """Install the software of a stick's file below a folder; return an exit code."""
    with zipfile.ZipFile(source) as archive:
        release = json.loads(archive.read("release.json"))
        home = folder / "software" / str(release["version"])
        wheels = home / "wheels"
        wheels.mkdir(parents=True, exist_ok=True)
        for name, known in release["software"].items():
            data = archive.read(f"software/{name}")
            if Path(name).name != name or hashlib.sha256(data).hexdigest() != known["sha256"]:
                sys.stderr.write(f"{name} is not the file that the release names\n")
                return 1
            (wheels / name).write_bytes(data)
    return settle(folder, str(release["version"]))


def settle(folder: Path, version: str) -> int:
    """Install the wheels of a version and make it the current one; return an exit code."""
    home = folder / "software" / version
    venv.create(home / "env", with_pip=True, clear=True)
    python = home / "env" / "bin" / "python"
    done = subprocess.run(  # noqa: S603 - the interpreter just made, arguments as a list
        [
            str(python),
            *("-I", "-m", "pip", "install", "--quiet", "--no-index", "--no-cache-dir"),
            *("--find-links", str(home / "wheels"), f"comity=={version}"),
        ],
        check=False,
    )
    if done.returncode:
        sys.stderr.write("the software could not be installed: the one before stays\n")
        return 3
    # The link is replaced whole: a machine that stops here has the old version or the new.
    draft = folder / "software" / ".current"
    draft.unlink(missing_ok=True)
    draft.symlink_to(version)
    draft.replace(folder / "software" / "current")
    sys.stderr.write(f"installed: {folder}/software/current/env/bin/comity\n")
    return 0


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            found.update(chunk)
    return found.hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
