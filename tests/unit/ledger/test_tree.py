"""The tree against RFC 6962's own recursive definition."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.ledger.ground import Ground

from comity.core.errors import InvalidInputError, VerificationError
from comity.ledger import (
    EMPTY,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

SIZES = st.integers(1, 300)
GROWN = Ground().grow(300)
ROOTS = [root(size, GROWN.read) for size in range(301)]


def defined(entries: Sequence[bytes]) -> bytes:
    """Hash as RFC 6962, 2.1 defines it."""
    if len(entries) <= 1:
        return leaf_hash(entries[0]) if entries else EMPTY
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return node_hash(defined(entries[:split]), defined(entries[split:]))


def test_hashes_are_those_of_rfc_6962() -> None:
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert (
        leaf_hash(b"").hex()
        == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )


@given(SIZES)
def test_root_is_the_recursive_one_for_every_size(size: int) -> None:
    assert ROOTS[size] == defined(GROWN.entries[:size])


@given(SIZES)
def test_a_frontier_taken_up_from_its_right_edge_goes_on_as_if_never_put_down(
    size: int,
) -> None:
    frontier = Frontier.load(size, GROWN.read)
    assert frontier.root() == ROOTS[size]
    for index in range(size, 300):
        for level, place, made in frontier.append(GROWN.nodes[0, index]):
            assert GROWN.nodes[level, place] == made
    assert (frontier.size, frontier.root()) == (300, ROOTS[300])


def test_an_empty_frontier_has_the_empty_root() -> None:
    assert Frontier().root() == Frontier.load(0, GROWN.read).root() == EMPTY


@given(SIZES, st.data())
def test_every_entry_is_proven_and_no_other(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, GROWN.read)
    leaf = GROWN.nodes[0, index]
    verify_inclusion(leaf, proof, index=index, size=size, root=ROOTS[size])
    with pytest.raises(VerificationError):
        verify_inclusion(leaf_hash(b"forged"), proof, index=index, size=size, root=ROOTS[size])
    with pytest.raises(VerificationError):
        verify_inclusion(leaf, (*proof, leaf), index=index, size=size, root=ROOTS[size])
    if proof:
        with pytest.raises(VerificationError):
            verify_inclusion(leaf, proof[:-1], index=index, size=size, root=ROOTS[size])
        with pytest.raises(VerificationError):
            verify_inclusion(leaf, proof, index=index ^ 1, size=size, root=ROOTS[size])


@given(SIZES, st.data())
def test_growth_is_proven_and_a_fork_is_not(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(0, size))
    proof = consistency_proof(old, size, GROWN.read)

    forged = leaf_hash(b"forged")
    attacks: list[tuple[Sequence[bytes], bytes, bytes]] = [
        ((*proof, forged), ROOTS[old], ROOTS[size]),
        (proof, forged, ROOTS[size]),
    ]
    if old:
        attacks.append((proof, ROOTS[old], forged))
    if proof:
        attacks += [((), ROOTS[old], ROOTS[size]), (proof[:-1], ROOTS[old], ROOTS[size])]
    for place in range(len(proof)):
        changed = (*proof[:place], forged, *proof[place + 1 :])
        attacks.append((changed, ROOTS[old], ROOTS[size]))
    verify_consistency(proof, old=old, old_root=ROOTS[old], new=size, new_root=ROOTS[size])
    for steps, before, after in attacks:
        with pytest.raises(VerificationError):
            verify_consistency(steps, old=old, old_root=before, new=size, new_root=after)


def test_a_proof_outside_the_tree_cannot_be_asked_for() -> None:
    for index in (-1, 5):
        with pytest.raises(InvalidInputError):
            inclusion_proof(index, 5, GROWN.read)
    for old in (-1, 6):
        with pytest.raises(InvalidInputError):
            consistency_proof(old, 5, GROWN.read)


def test_an_entry_or_size_outside_the_tree_is_never_verified() -> None:
    leaf = GROWN.nodes[0, 0]
    for index, size in ((-1, 1), (1, 1), (0, 0)):
        with pytest.raises(VerificationError):
            verify_inclusion(leaf, (), index=index, size=size, root=leaf)
    with pytest.raises(VerificationError):
        verify_consistency((), old=2, old_root=ROOTS[2], new=1, new_root=ROOTS[1])


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=70), SIZES, SIZES)
def test_random_proofs_fail_with_our_error_only(
    proof: list[bytes], one: int, other: int
) -> None:
    old, new = sorted((one, other))
    with pytest.raises(VerificationError):
        verify_inclusion(leaf_hash(b"x"), proof, index=old - 1, size=new, root=ROOTS[new])
    if old < new:
        with pytest.raises(VerificationError):
            verify_consistency(proof, old=old, old_root=ROOTS[old], new=new, new_root=EMPTY)
