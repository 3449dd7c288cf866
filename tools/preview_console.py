"""Render the console's pages from the example view models, and photograph them with Chromium.

`python tools/preview_console.py OUT` writes the HTML; with `--shots light dark rtl narrow` it
serves OUT on loopback and takes one picture of every page in each of those forms.
"""

import argparse
import json
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final, cast

import msgspec
import yaml
from typing_extensions import override

from comity.console import SECURITY_HEADERS, judgement, provisions, registers, render, views
from comity.console.parts import Shell, Theme
from comity.console.views import Page

ROOT: Final = Path(__file__).parents[1]
EXAMPLES: Final = ROOT / "tests/unit/console/examples"
STATIC: Final = ROOT / "src/comity/console/static"
FORMS: Final = {
    "light": (Theme.LIGHT, "en", "1440,900"),
    "dark": (Theme.DARK, "en", "1440,900"),
    "rtl": (Theme.LIGHT, "ar", "1440,900"),
    "narrow": (Theme.LIGHT, "en", "390,844"),
}


def instants(value: object) -> object:
    """Turn every time of a YAML document into milliseconds UTC."""
    if isinstance(value, datetime):
        return int(value.replace(tzinfo=value.tzinfo or UTC).timestamp() * 1000)
    if isinstance(value, dict):
        return {key: instants(child) for key, child in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [instants(child) for child in cast("list[object]", value)]
    return value


def read(name: str) -> Mapping[str, object]:
    """Read one file of examples."""
    text = (EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8")
    return cast("Mapping[str, object]", instants(yaml.safe_load(text)))


def shells() -> tuple[Shell, Shell]:
    """Return the shell of a signed-in officer and that of a page without account."""
    officer = msgspec.convert(read("shell"), Shell)
    return officer, Shell(csrf=officer.csrf, agency="Norland · National Bureau")


def examples() -> Iterator[tuple[str, Page, Shell]]:
    """Give every example page with its name and its shell."""
    signed_in, alone = shells()
    for name in ("work", "judgement", "registers", "provisions", "alone"):
        for page, given in read(name).items():
            record = cast("Mapping[str, object]", given)
            word = str(record["page"])
            homes = (views, judgement, registers, provisions)
            home = next(m for m in homes if hasattr(m, word))
            view = msgspec.convert(record["view"], getattr(home, word))
            yield page, cast("Page", view), alone if name == "alone" else signed_in


def write(out: Path) -> None:
    """Write every page in every form, with the static files beside them."""
    for form, (theme, lang, _) in FORMS.items():
        for name, page, shell in examples():
            html = render(page, replace(shell, theme=theme, lang=lang))
            path = out / form / f"{name}.html"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(html, encoding="utf-8")


class Handler(SimpleHTTPRequestHandler):
    """Serves the pages with the headers of the console, and its static files."""

    @override
    def translate_path(self, path: str) -> str:
        """Find static files where the console keeps them."""
        name = path.partition("?")[0]
        if name.startswith("/static/"):
            return str(STATIC / name.removeprefix("/static/"))
        return super().translate_path(path)

    @override
    def end_headers(self) -> None:
        """Send the console's own security headers, so that the policy is seen to hold."""
        for header, value in SECURITY_HEADERS.items():
            self.send_header(header, value)
        super().end_headers()

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


def photograph(out: Path, *, forms: list[str], only: str, browser: str) -> None:
    """Take a picture of every page in each form."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(out)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for form in forms:
        for page in sorted((out / form).glob(f"{only}.html")):
            address = f"http://127.0.0.1:{server.server_port}/{form}/{page.name}"
            shoot(browser, address, page.with_suffix(".png"), size=FORMS[form][2])
    server.shutdown()


def shoot(browser: str, address: str, image: Path, *, size: str) -> None:
    """Take one picture in a browser profile of its own."""
    with tempfile.TemporaryDirectory() as profile:
        flags = (
            "--headless --no-sandbox --disable-gpu --disable-background-networking "
            "--disable-component-update --disable-sync --no-first-run --hide-scrollbars"
        )
        command = [browser, *flags.split(), f"--user-data-dir={profile}"]
        command += [f"--window-size={size}", f"--screenshot={image}", address]
        subprocess.run(command, check=True, capture_output=True, timeout=60)  # noqa: S603 - ours


def main() -> None:
    """Read the command line, write the pages, take the pictures asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--shots", nargs="*", default=[], choices=sorted(FORMS))
    parser.add_argument("--only", default="*", help="a pattern of page names")
    parser.add_argument("--browser", default="chromium")
    given = parser.parse_args()
    write(given.out)
    photograph(given.out, forms=given.shots, only=given.only, browser=given.browser)
    print(json.dumps({"pages": sum(1 for _ in examples()), "out": str(given.out)}))


if __name__ == "__main__":
    main()
