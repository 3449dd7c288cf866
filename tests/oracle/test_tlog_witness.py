"""Go checks our evidence of two histories, cosigns our checkpoints, and proves to us."""

import hashlib
import json
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tests.unit.node.witnesses import Log

from comity.core.errors import VerificationError
from comity.ledger import (
    Equivocation,
    Note,
    Proof,
    Signature,
    compare,
    encode_bundle,
    expose,
    leaf_hash,
    open_note,
    parse_equivocation,
    parse_note,
    parse_policy,
    parse_vkey,
    verify_consistency,
    verify_inclusion,
    verify_proof,
    write_request,
)
from comity.ledger import consistency_proof as prove_growth
from comity.seal import verify

LOG, FORK = Log(), Log(mark=b"fork")
VKEYS = [key.text for key in LOG.keys]


@pytest.fixture(scope="module")
def go(go_program: Callable[[str], Path]) -> Path:
    """Build the Go program."""
    return go_program("tlog")


def run(go: Path, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([str(go), *words], input=given, capture_output=True, check=False)


def forked(one: int, other: int) -> Equivocation:
    larger = LOG if one > other else FORK
    LOG.grow(one)
    FORK.grow(other)
    found = compare(LOG.note(one), FORK.note(other), keys=LOG.keys, read=larger.read)
    assert found is not None
    return found


@pytest.mark.parametrize(("one", "other"), [(5, 5), (300, 517), (700, 256), (1, 2)])
def test_go_accepts_our_evidence_of_two_histories(
    go: Path, tmp_path: Path, one: int, other: int
) -> None:
    file = tmp_path / "a.equivocation"
    file.write_bytes(forked(one, other).encode())
    done = run(go, "expose", str(file), *VKEYS)
    assert (done.returncode, done.stderr) == (0, b"")


def test_go_and_we_refuse_the_same_false_evidence(go: Path, tmp_path: Path) -> None:
    true = forked(300, 517)
    lies = (
        Equivocation(keys=true.keys, earlier=LOG.note(9), later=LOG.note(9)),
        Equivocation(
            keys=true.keys,
            earlier=LOG.note(9),
            later=LOG.note(300),
            root=LOG.stated(9).root,
            proof=prove_growth(9, 300, LOG.read),
        ),
        Equivocation(
            keys=true.keys,
            earlier=true.earlier,
            later=true.later,
            root=bytes(32),
            proof=true.proof,
        ),
    )
    for number, lie in enumerate(lies):
        file = tmp_path / f"{number}.equivocation"
        file.write_bytes(lie.encode())
        assert run(go, "expose", str(file), *VKEYS).returncode == 1
        with pytest.raises(VerificationError):
            expose(parse_equivocation(file.read_bytes()), LOG.keys, verify=verify)


def test_two_histories_that_go_signed_are_evidence_to_us(go: Path) -> None:
    done = run(go, "fork", LOG.origin)
    found = parse_equivocation(done.stdout)
    assert expose(found, found.keys, verify=verify).signers == found.keys
    with pytest.raises(VerificationError):
        expose(found, LOG.keys, verify=verify)
    written = [found.earlier, found.later]
    assert compare(*written, keys=found.keys) == found


@pytest.mark.parametrize(("old", "size"), [(0, 7), (7, 300), (256, 513), (512, 512)])
def test_go_cosigns_what_we_ask_for_and_we_count_it(go: Path, old: int, size: int) -> None:
    LOG.grow(size)
    body = write_request(old, prove_growth(old, size, LOG.read), LOG.note(size))
    root = b64encode(LOG.stated(old).root).decode() if old else "-"
    done = run(go, "cosign", "witness.example/go", str(old), root, *VKEYS, given=body)
    assert done.stderr == b""
    one, two, *lines = done.stdout.decode().splitlines(keepends=True)
    keys = [parse_vkey(one.strip()), parse_vkey(two.strip())]
    added: Sequence[Signature] = parse_note(b"x\n\n" + "".join(lines).encode()).signatures
    note = parse_note(LOG.note(size))
    joined = Note(text=note.text, signatures=(*note.signatures, *added)).encode()
    seen = open_note(joined, [*LOG.keys, *keys], verify=verify).seen
    assert {each.verifier for each in seen} == {*LOG.keys, *keys}


def test_go_does_not_cosign_a_rewritten_history(go: Path) -> None:
    FORK.grow(300)
    LOG.grow(300)
    body = write_request(7, prove_growth(7, 300, FORK.read), FORK.note(300))
    root = b64encode(LOG.stated(7).root).decode()
    done = run(go, "cosign", "witness.example/go", "7", root, *VKEYS, given=body)
    assert done.returncode == 1


@pytest.mark.parametrize(("size", "index", "old"), [(1, 0, 1), (257, 200, 13), (700, 699, 512)])
def test_what_go_proves_of_its_own_log_holds_here(
    go: Path, tmp_path: Path, size: int, index: int, old: int
) -> None:
    entries = LOG.grow(size).entries[:size]
    done = run(go, "write", str(tmp_path), LOG.origin, given=encode_bundle(entries))
    policy = parse_policy(done.stdout)
    said = json.loads(run(go, "prove", str(tmp_path), str(index), str(old)).stdout)

    def hashes(name: str) -> tuple[bytes, ...]:
        return tuple(b64decode(each) for each in said[name] or ())

    note = (tmp_path / "checkpoint").read_bytes()
    proof = Proof(index=index, hashes=hashes("record"), note=note)
    opened = verify_proof(proof, entries[index], policy, verify=verify)
    assert opened.checkpoint.root == b64decode(said["hash"])
    leaf = leaf_hash(entries[index])
    verify_inclusion(
        leaf, hashes("record"), index=index, size=size, root=opened.checkpoint.root
    )
    verify_consistency(
        hashes("tree"),
        old=old,
        old_root=b64decode(said["root"]),
        new=size,
        new_root=opened.checkpoint.root,
    )
    assert hashlib.sha256(b"\0" + entries[index]).digest() == leaf
