"""Refresh the console's vendored files: htmx, fonts and icons, with licences and SHA-384.

Run `python tools/vendor.py` where npm can reach its registry. The packages are packed, never
installed: no install script of theirs runs. A test compares the files with the manifest.
"""

import base64
import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Final

VENDOR: Final = Path(__file__).parents[1] / "src/comity/console/static/vendor"

INTER: Final = "@fontsource-variable/inter@5.3.0"
ARABIC: Final = "@fontsource-variable/noto-sans-arabic@5.3.0"
ICONS: Final = "lucide-static@1.62.0"

FILES: Final = {
    "htmx.min.js": ("htmx.org@4.0.1", "dist/htmx.min.js"),
    "htmx.LICENSE.txt": ("htmx.org@4.0.1", "LICENSE"),
    "inter-latin.woff2": (INTER, "files/inter-latin-wght-normal.woff2"),
    "inter-latin-ext.woff2": (INTER, "files/inter-latin-ext-wght-normal.woff2"),
    "inter-cyrillic.woff2": (INTER, "files/inter-cyrillic-wght-normal.woff2"),
    "inter-greek.woff2": (INTER, "files/inter-greek-wght-normal.woff2"),
    "inter.LICENSE.txt": (INTER, "LICENSE"),
    "noto-sans-arabic.woff2": (ARABIC, "files/noto-sans-arabic-arabic-wght-normal.woff2"),
    "noto-sans-arabic.LICENSE.txt": (ARABIC, "LICENSE"),
    "lucide.LICENSE.txt": (ICONS, "LICENSE"),
}
"""Name here -> the package with its exact version, and the path inside it."""

SPRITE: Final = """
arrow-down-wide-narrow arrow-right ban bell bell-ring book-open calendar-clock chevron-down
chevron-right chevron-up circle-alert circle-check circle-dashed circle-x clipboard-list
clock-alert database download ellipsis equal equal-approximately equal-not eye eye-off
file-lock file-search file-text flag folder-open gavel git-fork handshake history hourglass
inbox info key-round keyboard landmark languages link list-checks list-filter lock log-out menu
message-square minus network octagon-alert pen-line pencil-line plus printer radio-tower
refresh-cw reply rotate-ccw scale scan-search search search-check send shield-alert
shield-check sliders-horizontal sun-moon swords triangle-alert undo-2 user-check user-plus
users wifi-off x
"""
"""The icons in use; all are lucide's, drawn at 24 by 24."""


def integrity(content: bytes) -> str:
    """Return the subresource integrity value of some bytes: `sha384-` and base64."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def pack(package: str, folder: Path) -> tarfile.TarFile:
    """Download one npm package as a tar file into `folder` and open it."""
    command = ["npm", "pack", "--silent", "--ignore-scripts", package]
    done = subprocess.run(  # noqa: S603 - the command and every argument are constants above
        command, cwd=folder, check=True, capture_output=True, text=True
    )
    return tarfile.open(folder / done.stdout.strip().splitlines()[-1])


def read(archive: tarfile.TarFile, path: str) -> bytes:
    """Return one file of an npm package; raises `KeyError` where there is none."""
    member = archive.extractfile(f"package/{path}")
    if member is None:
        raise KeyError(path)
    return member.read()


def sprite(archive: tarfile.TarFile) -> bytes:
    """Join the icons in use into one SVG of symbols."""
    symbols = []
    for name in SPRITE.split():
        source = read(archive, f"icons/{name}.svg").decode()
        shape = re.sub(r"\s*\n\s*", "", source[source.index(">\n", source.index("<svg")) + 1 :])
        inner = shape.removesuffix("</svg>")
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>')
    head = '<svg xmlns="http://www.w3.org/2000/svg">'
    return "\n".join([head, *symbols, "</svg>", ""]).encode()


def main() -> None:
    """Write every vendored file and `manifest.json`."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    manifest: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        packages = sorted({package for package, _ in FILES.values()})
        archives = {package: pack(package, Path(folder)) for package in packages}
        content = {
            name: read(archives[package], path) for name, (package, path) in FILES.items()
        }
        content["icons.svg"] = sprite(archives[ICONS])
    sources = FILES | {"icons.svg": (ICONS, "icons/")}
    for name, body in sorted(content.items()):
        package, path = sources[name]
        (VENDOR / name).write_bytes(body)
        manifest[name] = {"package": package, "path": path, "integrity": integrity(body)}
    (VENDOR / "manifest.json").write_text(
        json.dumps(manifest, indent=2) + "\n", encoding="utf-8"
    )
    print(f"{len(manifest)} files in {VENDOR}")


if __name__ == "__main__":
    main()
