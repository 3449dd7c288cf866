"""Static files: kept by browsers as long as their digest stands in the address."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from comity.console.render import SECURITY_HEADERS, asset

_ROOT: Final = files("comity.console").joinpath("static")
MEDIA: Final = {
    "css": "text/css; charset=utf-8",
    "wav": "audio/wav",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}
"""The kinds of file a page may load; nothing else is served."""
_KEEP = "public, max-age=31536000, immutable"


def _found(folder: Traversable, above: str = "") -> dict[str, Traversable]:
    found: dict[str, Traversable] = {}
    for each in folder.iterdir():
        name = f"{above}{each.name}"
        found |= _found(each, f"{name}/") if each.is_dir() else {name: each}
    return {name: each for name, each in found.items() if name.rpartition(".")[2] in MEDIA}


FILES: Final = _found(_ROOT)
"""Every file by its name; a name that is not among them is not there."""


def static(request: Request) -> Response:
    """Serve one file; whoever has its digest may keep it for a year."""
    name = str(request.path_params["name"])
    if name not in FILES:
        return Response("not found", status_code=404, headers=SECURITY_HEADERS)
    is_current = request.url.query and asset(name).endswith(f"?{request.url.query}")
    return Response(
        FILES[name].read_bytes(),
        media_type=MEDIA[name.rpartition(".")[2]],
        headers={**SECURITY_HEADERS, "cache-control": _KEEP if is_current else "no-cache"},
    )
