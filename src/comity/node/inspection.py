"""Inspecting a node's ledger from outside, over HTTP, as an overseer's own tools would."""

from dataclasses import dataclass, field

from comity.adapters.system import SystemEntropy
from comity.core.errors import NotFoundError
from comity.ledger import Leaf, Policy, Report, decode_bundle, decode_leaf, parse_policy
from comity.ledger import verify_export as audit
from comity.node.keyring import Keyring
from comity.node.loopback import HTTP
from comity.node.readers import reader_token
from comity.node.stage import Player
from comity.node.unlocking import unlock
from comity.seal import verify
from comity.trust import Directory

_OK = 200


@dataclass(slots=True)
class Inspection:
    """One node's published ledger, fetched once; tamper with `files` to see it found."""

    player: Player
    directory: Directory
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])

    def fetch(self, path: str) -> bytes:
        """Return one file of the ledger; raises `NotFoundError`."""
        if path not in self.files:
            base = f"{self.player.config.url}/log"
            if path.startswith("tile/entries/"):
                base = f"{base}/r/{reader_token(keyring_of(self.player))}"
            reply = HTTP.get(f"{base}/{path}", timeout=20)
            if reply.status_code != _OK:
                raise NotFoundError(f"no `{path}` in the ledger of {self.player.config.node}")
            self.files[path] = reply.content
        return self.files[path]

    def audit(self) -> Report:
        """Verify signatures, tree, entries and order of law."""
        return audit(self.fetch, self.policy(), verify=verify)

    def policy(self) -> Policy:
        """Return who may sign this ledger: its own keys, and every witness of the directory."""
        entry = self.directory.node(self.player.config.node)
        lines = [f"log {vkey}" for vkey in entry.log_vkeys]
        for place, other in enumerate(self.directory.nodes()):
            lines += [
                f"witness w{place}-{number} {vkey}"
                for number, vkey in enumerate(other.witness_vkeys)
            ]
        return parse_policy(("\n".join([*lines, "quorum none"]) + "\n").encode())

    def leaves(self) -> tuple[Leaf, ...]:
        """Return every entry of the fetched ledger, in order."""
        size = int(self.fetch("checkpoint").split(b"\n")[1])
        found: list[Leaf] = []
        for first in range(0, size, 256):
            width = min(256, size - first)
            tail = "" if width == 256 else f".p/{width}"  # noqa: PLR2004 - a full tile
            number = first // 256
            path = f"tile/entries/{_group(number)}{tail}"
            found += [decode_leaf(entry) for entry in decode_bundle(self.fetch(path), width)]
        return tuple(found)

    def tampered(self) -> "Inspection":
        """Return a copy with one byte of one entry changed."""
        changed = dict(self.files)
        path = max(name for name in changed if name.startswith("tile/entries/"))
        data = bytearray(changed[path])
        data[len(data) // 2] ^= 1
        changed[path] = bytes(data)
        return Inspection(player=self.player, directory=self.directory, files=changed)


def keyring_of(player: Player) -> Keyring:
    """Open a demonstration node's keys from its folder; a real node's are closed to us."""
    return unlock(player.folder, passphrase=None, entropy=SystemEntropy())


def _group(number: int) -> str:
    if number < 1000:  # noqa: PLR2004 - C2SP tlog-tiles: groups of three digits
        return f"{number:03}"
    return f"x{number // 1000:03}/{number % 1000:03}"
