"""The vendored files are byte for byte those of the manifest, each with its licence."""

import base64
import hashlib
import json
from importlib.resources import files
from typing import cast

VENDOR = files("comity.console").joinpath("static/vendor")


def test_every_vendored_file_has_the_hash_of_the_manifest() -> None:
    text = VENDOR.joinpath("manifest.json").read_text(encoding="utf-8")
    manifest = cast("dict[str, dict[str, str]]", json.loads(text))
    for name, entry in manifest.items():
        digest = hashlib.sha384(VENDOR.joinpath(name).read_bytes()).digest()
        assert entry["integrity"] == "sha384-" + base64.b64encode(digest).decode(), name


def test_every_vendored_package_brings_its_licence() -> None:
    text = VENDOR.joinpath("manifest.json").read_text(encoding="utf-8")
    manifest = cast("dict[str, dict[str, str]]", json.loads(text))
    licensed = {e["package"] for name, e in manifest.items() if name.endswith("LICENSE.txt")}
    assert licensed == {entry["package"] for entry in manifest.values()}
