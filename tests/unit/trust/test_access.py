"""Links, sessions and tokens: shown once, used as bound, worthless when stolen."""

import hashlib
import hmac

import pytest
from tests.unit.trust.builders import NOW, Rows

from comity.core.clock import DAY, MINUTE, Instant
from comity.core.errors import AuthorisationError, StateError
from comity.core.ids import CaseId, PersonId
from comity.trust import (
    SESSION_LIFE,
    Access,
    PersonRow,
    SessionRow,
    Terms,
    TokenRow,
    disable_person,
    end_access,
    enrol,
    first_admin,
)

ADMIN = PersonId("xn.police/0001")
ANNA = PersonId("xn.police/0002")


class Dice:
    def __init__(self) -> None:
        self._count = 0

    def take(self, count: int, /) -> bytes:
        self._count += 1
        return hashlib.shake_256(bytes([self._count])).digest(count)


def keyed_hash(data: bytes) -> bytes:
    return hmac.digest(b"node key", data, "sha256")


def door() -> tuple[Access, Rows]:
    rows = Rows()
    first_admin(rows, PersonRow(person=ADMIN, record_id="r1", created=NOW))
    enrol(rows, PersonRow(person=ANNA, record_id="r2", created=NOW), by=ADMIN, at=NOW)
    return Access(keyed_hash=keyed_hash, entropy=Dice()), rows


def test_a_link_opens_one_session_once() -> None:
    access, rows = door()
    link = access.issue_sign_in(rows, person=ANNA, at=NOW)
    session = access.redeem_sign_in(rows, link, at=NOW)
    acting = access.authenticate_session(rows, session, at=NOW)
    assert acting is not None
    assert (acting.person, acting.purpose, acting.case) == (ANNA, "", None)
    with pytest.raises(AuthorisationError):
        access.redeem_sign_in(rows, link, at=NOW)


def test_an_old_or_unknown_link_opens_nothing() -> None:
    access, rows = door()
    link = access.issue_sign_in(rows, person=ANNA, at=NOW)
    with pytest.raises(AuthorisationError):
        access.redeem_sign_in(rows, link, at=Instant(NOW + 15 * MINUTE))
    for guess in ("", "\ud800", link[:-1] + "x"):
        with pytest.raises(AuthorisationError):
            access.redeem_sign_in(rows, guess, at=NOW)


def test_one_kind_of_secret_never_serves_as_another() -> None:
    access, rows = door()
    terms = Terms(purpose="terrorism", expires=Instant(NOW + DAY))
    token = access.issue_token(rows, person=ANNA, terms=terms, at=NOW)
    link = access.issue_sign_in(rows, person=ANNA, at=NOW)
    with pytest.raises(AuthorisationError):
        access.redeem_sign_in(rows, token, at=NOW)
    assert access.authenticate_token(rows, link, at=NOW) is None
    assert access.authenticate_session(rows, token, at=NOW) is None


def test_a_token_is_bound_to_purpose_and_case() -> None:
    access, rows = door()
    terms = Terms(purpose="terrorism", expires=Instant(NOW + DAY), case=CaseId("c1"))
    token = access.issue_token(rows, person=ANNA, terms=terms, at=NOW)
    acting = access.authenticate_token(rows, token, at=NOW)
    assert acting is not None
    assert (acting.person, acting.purpose, acting.case) == (ANNA, "terrorism", "c1")
    assert access.authenticate_token(rows, token, at=Instant(NOW + DAY)) is None


@pytest.mark.parametrize(
    ("purpose", "life"), [("", DAY), ("terrorism", 0), ("terrorism", 400 * DAY)]
)
def test_a_token_without_purpose_or_end_is_refused(purpose: str, life: int) -> None:
    access, rows = door()
    terms = Terms(purpose=purpose, expires=Instant(NOW + life))
    with pytest.raises(StateError):
        access.issue_token(rows, person=ANNA, terms=terms, at=NOW)


def test_the_store_holds_no_secret() -> None:
    access, rows = door()
    link = access.issue_sign_in(rows, person=ANNA, at=NOW)
    session = access.redeem_sign_in(rows, link, at=NOW)
    acting = access.authenticate_session(rows, session, at=NOW)
    assert acting is not None
    kept = repr([*rows.find(TokenRow), *rows.find(SessionRow)]).encode()
    for secret in (link, session, acting.csrf):
        assert secret.encode() not in kept
        assert repr(bytes.fromhex(secret)).encode() not in kept
    stolen = rows.find(SessionRow)[0].session.hex()
    assert access.authenticate_session(rows, stolen, at=NOW) is None


def test_each_session_has_its_own_csrf_secret() -> None:
    access, rows = door()
    secrets = set[str]()
    for _ in range(2):
        link = access.issue_sign_in(rows, person=ANNA, at=NOW)
        acting = access.authenticate_session(
            rows, access.redeem_sign_in(rows, link, at=NOW), at=NOW
        )
        assert acting is not None
        secrets.add(acting.csrf)
    assert len(secrets) == 2


def test_a_session_ends_by_time_and_by_signing_out() -> None:
    access, rows = door()
    session = access.redeem_sign_in(
        rows, access.issue_sign_in(rows, person=ANNA, at=NOW), at=NOW
    )
    assert access.authenticate_session(rows, session, at=Instant(NOW + SESSION_LIFE)) is None
    access.end_session(rows, session, at=NOW)
    access.end_session(rows, session, at=NOW)
    assert access.authenticate_session(rows, session, at=NOW) is None


def test_a_disabled_person_is_out_at_once() -> None:
    access, rows = door()
    session = access.redeem_sign_in(
        rows, access.issue_sign_in(rows, person=ANNA, at=NOW), at=NOW
    )
    link = access.issue_sign_in(rows, person=ANNA, at=NOW)
    disable_person(rows, ANNA, by=ADMIN, at=NOW)
    assert access.authenticate_session(rows, session, at=NOW) is None
    with pytest.raises(AuthorisationError):
        access.redeem_sign_in(rows, link, at=NOW)
    with pytest.raises(AuthorisationError):
        access.issue_sign_in(rows, person=ANNA, at=NOW)


def test_all_access_of_a_person_ends_together() -> None:
    access, rows = door()
    session = access.redeem_sign_in(
        rows, access.issue_sign_in(rows, person=ANNA, at=NOW), at=NOW
    )
    access.issue_sign_in(rows, person=ANNA, at=NOW)
    assert end_access(rows, ANNA, at=NOW) == 2
    assert end_access(rows, ANNA, at=NOW) == 0
    assert access.authenticate_session(rows, session, at=NOW) is None
