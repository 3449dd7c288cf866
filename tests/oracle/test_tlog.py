"""Go's transparency log packages read the ledger we write, and we read the one they write."""

import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest

from comity.core.errors import NotFoundError
from comity.ledger import (
    Checkpoint,
    Frontier,
    KeyType,
    Leaf,
    LeafType,
    Policy,
    Report,
    Signer,
    Verifier,
    consistency_proof,
    encode_bundle,
    export,
    inclusion_proof,
    leaf_hash,
    parse_policy,
    root,
    sign_note,
    verify_export,
)
from comity.seal import CheckpointSigner, SigningKey, verify

ORIGIN = "exercise/log/xn.police.n1/1"
AT = 1_790_000_000
SIZES = (1, 255, 256, 257, 70_000)


@dataclass
class Ledger:
    """A lawful ledger in memory."""

    entries: list[bytes] = field(default_factory=list[bytes])
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict[tuple[int, int], bytes])

    def read(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]

    def slice(self, first: int, count: int) -> Sequence[bytes]:
        return self.entries[first : first + count]


def entry(index: int) -> bytes:
    """Write a permitted leaf, or the sent leaf that follows it."""
    drawn = sha256(b"%d" % index).digest()
    return Leaf(
        type=LeafType.SENT if index % 2 else LeafType.PERMITTED,
        at=AT,
        ref=drawn[:16],
        commitment=drawn,
        digest=drawn if index % 2 else None,
        follows=index - 1 if index % 2 else None,
    ).encode()


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    """Grow the largest ledger once; smaller sizes are its beginnings."""
    made, frontier = Ledger(), Frontier()
    for index in range(max(SIZES)):
        made.entries.append(entry(index))
        leaf = leaf_hash(made.entries[index])
        made.nodes[0, index] = leaf
        made.nodes |= {(level, place): node for level, place, node in frontier.append(leaf)}
    return made


@pytest.fixture(scope="module")
def signers() -> list[Signer]:
    """Make the log's two keys and two witnesses, with real signatures."""

    def seed(number: int) -> bytes:
        return sha256(b"tlog %d" % number).digest()

    def classical(number: int, name: str, kind: KeyType) -> Signer:
        key = SigningKey.from_raw(seed(number))
        return Signer(verifier=Verifier(name=name, type=kind, key=key.public), sign=key.sign)

    def quantum(number: int, name: str) -> Signer:
        key = CheckpointSigner.from_raw(seed(number))
        verifier = Verifier(name=name, type=KeyType.ML_DSA_44, key=key.public)
        return Signer(verifier=verifier, sign=key.sign)

    return [
        classical(1, ORIGIN, KeyType.ED25519),
        quantum(2, ORIGIN),
        classical(3, "xa.police.n1/witness", KeyType.COSIGNATURE),
        quantum(4, "oversight.example/witness"),
    ]


@pytest.fixture(scope="module")
def go(go_program: Callable[[str], Path]) -> Path:
    """Build the Go program."""
    return go_program("tlog")


def lay_out(ledger: Ledger, size: int, signers: Sequence[Signer], folder: Path) -> None:
    """Export the first `size` entries into a folder."""
    point = Checkpoint(origin=ORIGIN, size=size, root=root(size, ledger.read))
    note = sign_note(point, signers, at=AT)
    for path, data in export(note, read=ledger.read, entries=ledger.slice):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def proofs(ledger: Ledger, size: int) -> str:
    """Prove some entries and some earlier sizes, for the Go program."""

    def text(hashes: Sequence[bytes]) -> list[str]:
        return [b64encode(step).decode() for step in hashes]

    places = sorted({0, size // 3, size // 2, size - 1})
    earlier = sorted({1, max(1, size // 2), max(1, size - 1), size, min(size, 65_000)})
    return json.dumps(
        {
            "Inclusion": [
                {"Index": at, "Hashes": text(inclusion_proof(at, size, ledger.read))}
                for at in places
            ],
            "Consistency": [
                {
                    "Old": old,
                    "Root": text([root(old, ledger.read)])[0],
                    "Hashes": text(consistency_proof(old, size, ledger.read)),
                }
                for old in earlier
            ],
        }
    )


def ask_go(go: Path, folder: Path, signers: Sequence[Signer], given: str) -> str:
    """Let the Go program check a folder; return its complaint."""
    done = subprocess.run(
        [str(go), "check", str(folder), *(signer.verifier.text for signer in signers)],
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) is (not done.stderr)
    return done.stderr


def audit(folder: Path, policy: Policy) -> Report:
    """Let our own audit check a folder."""

    def read(path: str) -> bytes:
        try:
            return (folder / path).read_bytes()
        except OSError as error:
            raise NotFoundError(f"no file `{path}`") from error

    return verify_export(read, policy, verify=verify)


@pytest.mark.parametrize("size", SIZES)
def test_go_accepts_signatures_proofs_tiles_and_entries(
    ledger: Ledger, signers: list[Signer], go: Path, tmp_path: Path, size: int
) -> None:
    lay_out(ledger, size, signers, tmp_path)
    assert ask_go(go, tmp_path, signers, proofs(ledger, size)) == ""


@pytest.mark.parametrize(
    "path",
    [
        "checkpoint",
        "tile/0/000",
        "tile/0/001.p/1",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/1",
    ],
)
def test_go_and_we_refuse_the_same_changed_file(
    ledger: Ledger, signers: list[Signer], go: Path, tmp_path: Path, path: str
) -> None:
    lay_out(ledger, 257, signers, tmp_path)
    data = bytearray((tmp_path / path).read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / path).write_bytes(data)
    assert ask_go(go, tmp_path, signers, proofs(ledger, 257))
    lines = [f"log {signer.verifier.text}" for signer in signers[:2]]
    lines += [f"witness w{n} {signer.verifier.text}" for n, signer in enumerate(signers[2:])]
    policy = parse_policy("\n".join([*lines, "group g all w0 w1", "quorum g"]).encode())
    assert audit(tmp_path, policy).findings


def test_go_refuses_a_forged_proof(
    ledger: Ledger, signers: list[Signer], go: Path, tmp_path: Path
) -> None:
    lay_out(ledger, 257, signers, tmp_path)
    given = proofs(ledger, 257)
    forged = given.replace('"Index": 128', '"Index": 127')
    assert forged != given
    assert ask_go(go, tmp_path, signers, forged)


@pytest.mark.parametrize("size", SIZES)
def test_we_accept_the_ledger_that_go_writes(
    ledger: Ledger, go: Path, tmp_path: Path, size: int
) -> None:
    done = subprocess.run(
        [str(go), "write", str(tmp_path), ORIGIN],
        input=encode_bundle(ledger.entries[:size]),
        capture_output=True,
        check=True,
    )
    policy = parse_policy(done.stdout)
    report = audit(tmp_path, policy)
    assert report.findings == ()
    assert (report.origin, report.read) == (ORIGIN, size)
    assert report.root == root(size, ledger.read)
    assert {seen.verifier.type for seen in report.seen} == set(KeyType)


@pytest.mark.parametrize("change", [0, 1])
def test_the_auditors_page_holds_its_word(
    ledger: Ledger, signers: list[Signer], tmp_path: Path, change: int
) -> None:
    page = Path(__file__).parents[2] / "docs/how-to/verify-a-ledger.md"
    script = page.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    lay_out(ledger, 300, signers, tmp_path / "out")
    tile = bytearray((tmp_path / "out/tile/0/000").read_bytes())
    tile[7] ^= change
    (tmp_path / "out/tile/0/000").write_bytes(tile)
    lines = [f"log {signer.verifier.text}" for signer in signers[:2]]
    lines += [f"witness w{n} {signer.verifier.text}" for n, signer in enumerate(signers[2:])]
    (tmp_path / "policy").write_text("\n".join([*lines, "group g all w0 w1", "quorum g"]))
    (tmp_path / "audit.py").write_text(script)
    done = subprocess.run(
        [sys.executable, "audit.py", "out", "policy"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == change
    assert ("tile/0/000 differs from the entries" in done.stdout) is bool(change)
    assert done.stdout.splitlines()[-3:] == [
        "permitted 150",
        "sent 150",
        f"{ORIGIN}: 300 of 300 entries, 4 signatures",
    ]
