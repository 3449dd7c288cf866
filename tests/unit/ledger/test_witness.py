"""A witness against forks, rollbacks and strangers."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.ledger.ground import AT, Ground

from comity.core.errors import InvalidInputError
from comity.ledger import (
    EMPTY,
    Checkpoint,
    Cosigned,
    KeyType,
    Refused,
    Signer,
    Verifier,
    consider,
    consistency_proof,
    open_note,
    parse_request,
    sign_note,
    write_request,
)

GROUND = Ground().grow(300)
FORK = Ground()
FORK.add(b"another first entry")
FORK.grow(300)
WITNESS = GROUND.signer("witness.example/w1")
WITNESS_PQ = GROUND.signer("witness.example/w1", KeyType.ML_DSA_44)


def ask(  # noqa: PLR0913 - one keyword for each part of a request
    size: int,
    *,
    old: int,
    known: int | None,
    ground: Ground = GROUND,
    proof: tuple[bytes, ...] | None = None,
    note: bytes | None = None,
    trusted: tuple[Verifier, ...] = (GROUND.log.verifier,),
) -> Cosigned | Refused:
    """Send one request to a witness that knows GROUND at size `known`."""
    steps = consistency_proof(old, size, ground.read) if proof is None else proof
    data = write_request(old, steps, ground.note(size=size) if note is None else note)
    return consider(
        parse_request(data),
        None if known is None else GROUND.checkpoint(known),
        trusted=trusted,
        signers=[WITNESS, WITNESS_PQ],
        at=AT,
        verify=GROUND.verify,
    )


def status(outcome: Cosigned | Refused) -> int:
    """Return the HTTP status."""
    return outcome.status if isinstance(outcome, Refused) else 200


@pytest.mark.parametrize(
    ("known", "old", "size"), [(None, 0, 300), (7, 7, 300), (300, 300, 300), (256, 256, 257)]
)
def test_growth_is_cosigned(known: int | None, old: int, size: int) -> None:
    outcome = ask(size, old=old, known=known)
    assert isinstance(outcome, Cosigned)
    assert outcome.checkpoint == GROUND.checkpoint(size)
    note = GROUND.note(size=size) + outcome.body.encode()
    keys = [WITNESS.verifier, WITNESS_PQ.verifier]
    seen = open_note(note, keys, verify=GROUND.verify).seen
    assert [(one.verifier, one.at) for one in seen] == [(key, AT) for key in keys]


def test_a_fork_is_never_cosigned() -> None:
    assert status(ask(300, old=7, known=7, ground=FORK)) == 422
    assert status(ask(300, old=300, known=300, ground=FORK)) == 422
    assert status(ask(300, old=0, known=7, ground=FORK)) == 409


def test_a_rollback_is_never_cosigned_and_the_answer_tells_the_known_size() -> None:
    assert ask(100, old=7, known=200) == Refused(status=409, body="200\n")
    assert status(ask(100, old=100, known=200)) == 409
    assert status(ask(100, old=0, known=200)) == 409


def test_of_two_requests_from_one_size_the_second_is_refused() -> None:
    first = ask(200, old=7, known=7)
    assert isinstance(first, Cosigned)
    assert ask(100, old=7, known=first.checkpoint.size) == Refused(status=409, body="200\n")


def test_an_old_size_above_the_new_is_malformed() -> None:
    assert status(ask(7, old=200, known=200, proof=())) == 400


def test_an_unknown_origin_is_refused() -> None:
    assert status(ask(7, old=0, known=None, trusted=())) == 404
    other = GROUND.signer("exercise/log/xn.police.n1/2", KeyType.ED25519).verifier
    assert status(ask(7, old=0, known=None, trusted=(other,))) == 404


def test_a_signature_that_is_not_trusted_is_refused() -> None:
    stranger = replace(GROUND.log, sign=lambda _: bytes(64))
    forged = sign_note(GROUND.checkpoint(7), [stranger], at=AT)
    assert status(ask(7, old=0, known=None, note=forged)) == 403
    unsigned: list[Signer] = [GROUND.signer("stranger.example")]
    missing = sign_note(GROUND.checkpoint(7), unsigned, at=AT)
    assert status(ask(7, old=0, known=None, note=missing)) == 403


def test_one_bad_trusted_signature_spoils_a_good_one() -> None:
    stranger = replace(GROUND.log_pq, sign=lambda _: bytes(2420))
    note = sign_note(GROUND.checkpoint(7), [GROUND.log, stranger], at=AT)
    keys = (GROUND.log.verifier, GROUND.log_pq.verifier)
    assert status(ask(7, old=0, known=None, note=note, trusted=keys)) == 403


def test_size_zero_has_the_empty_root() -> None:
    empty = Checkpoint(origin=GROUND.origin, size=0, root=EMPTY)
    note = sign_note(empty, [GROUND.log], at=AT)
    assert status(ask(0, old=0, known=None, note=note, proof=())) == 200
    wrong = sign_note(replace(empty, root=bytes(32)), [GROUND.log], at=AT)
    assert status(ask(0, old=0, known=None, note=wrong, proof=())) == 422


def test_a_first_request_brings_no_proof_and_a_later_one_a_true_one() -> None:
    proof = consistency_proof(7, 300, GROUND.read)
    assert status(ask(300, old=0, known=None, proof=proof)) == 422
    assert status(ask(300, old=7, known=7, proof=proof[:-1])) == 422
    assert status(ask(300, old=7, known=7, proof=())) == 422
    assert status(ask(300, old=300, known=300, proof=proof)) == 422


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"old 7\n", b"old 07\n"),
        (b"old 7\n", b"old -7\n"),
        (b"old 7\n", b"7\n"),
        (b"old 7\n", b"old 7\nAAAA\n"),
        (b"old 7\n", b"old 7\n\n"),
        (b"old 7\n", b"old 7\n" + b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" * 64),
        (b"\n\n", b"\n"),
        (b"exercise", b"\xff"),
    ],
)
def test_a_malformed_request_is_refused(old: bytes, new: bytes) -> None:
    data = write_request(7, (), GROUND.note())
    with pytest.raises(InvalidInputError):
        parse_request(data.replace(old, new, 1))


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused_with_our_error(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        parse_request(data)


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_what_is_cosigned_always_extends_what_was_known(
    known: int, old: int, size: int
) -> None:
    if old > size:
        return
    for ground in (GROUND, FORK):
        outcome = ask(size, old=old, known=known or None, ground=ground)
        is_lawful = old == known and (ground is GROUND or not known)
        assert isinstance(outcome, Cosigned) is is_lawful
