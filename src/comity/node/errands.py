"""Errands: what a person at the machine asks of a node, running or not.

Most are about removable media; one lets a restored node do without a partner.

A node that does not run is opened for the errand. One that runs does it itself: the errand is
laid into `media/` of its folder, which only its owner may enter, and the answer beside it.
"""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from comity.adapters.files import make_private_folder, read_private, write_private
from comity.core.clock import DAY, Instant, iso
from comity.core.errors import (
    ComityError,
    ConflictError,
    InvalidInputError,
    StateError,
    UnreachableError,
)
from comity.core.ids import node_id, person_id
from comity.exchange.bundling import PATIENCE
from comity.node import media
from comity.node.media import Done, Standing
from comity.node.office import Office, open_office
from comity.node.recovery import do_without
from comity.node.restored import expect_whole

FOLDER = "media"
ASKED, ANSWERED = ".asked", ".answered"
WAIT = 900.0
"""Seconds a running node is waited for."""
_EVERY = 0.2
_AT_MOST = 100
_ONCE_WHOLE = frozenset({"write", "list"})


class Errand(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing to do: `write`, `read`, `ack` or `list` with a medium, or `without` a node."""

    verb: str
    medium: str = ""
    node: str = ""
    courier: str = ""
    lost_after: int = -1
    """Days after which what is on its way counts as lost; below 0: the usual."""
    person: str = ""
    """Who decides to do without a node."""
    why: str = ""


class _Answer(Struct, frozen=True, kw_only=True):
    document: dict[str, object] = {}
    code: str = ""
    message: str = ""


Document = Mapping[str, object]


def _families(error: type[ComityError]) -> Iterator[type[ComityError]]:
    yield error
    for each in error.__subclasses__():
        yield from _families(each)


_ERRORS = {error.code: error for error in _families(ComityError)}
"""What a running node said, raised here as if it had been said here."""


def run(folder: Path, errand: Errand, *, passphrase: str | None) -> Document:
    """Do an errand at a node's folder, or have the node that runs there do it.

    Raises the errors of `media` and of `recovery.do_without`, and `UnreachableError` where a
    running node does not do it in time.
    """
    try:
        office = open_office(folder, passphrase=passphrase, before_whole=True)
    except ConflictError:
        return _ask(folder, errand)
    try:
        return do(office, errand)
    finally:
        office.close()


def do(office: Office, errand: Errand) -> Document:
    """Do an errand; raises `InvalidInputError` for an unknown verb, else as `media` does.

    A restored node that is not whole reads media and acknowledges them; it raises
    `ConfigurationError` before it writes one or shows who carried what.
    """
    doing = _VERBS.get(errand.verb)
    if doing is None:
        raise InvalidInputError(f"unknown errand `{errand.verb[:40]}`")
    if errand.verb in _ONCE_WHOLE:
        expect_whole(office.folder)
    return doing(office, errand)


def serve(office: Office) -> int:
    """Do every errand that was laid into the node's folder; return how many."""
    folder = office.folder / FOLDER
    if not folder.is_dir():
        return 0
    done = 0
    for path in sorted(folder.glob(f"*{ASKED}"))[:_AT_MOST]:
        answer = _answer(office, path)
        path.unlink(missing_ok=True)
        write_private(path.with_suffix(ANSWERED), msgspec.json.encode(answer))
        done += 1
    return done


def _answer(office: Office, path: Path) -> _Answer:
    try:
        errand = msgspec.json.decode(read_private(path), type=Errand)
        return _Answer(document=dict(do(office, errand)))
    except msgspec.DecodeError:
        return _Answer(code=InvalidInputError.code, message="expected an errand")
    except ComityError as error:
        return _Answer(code=error.code, message=str(error))


def _ask(folder: Path, errand: Errand) -> Document:
    home = make_private_folder(folder / FOLDER)
    asked = home / f"{secrets.token_hex(8)}{ASKED}"
    write_private(asked, msgspec.json.encode(errand))
    answered = asked.with_suffix(ANSWERED)
    until = time.monotonic() + WAIT
    while not answered.exists():
        if time.monotonic() > until:
            asked.unlink(missing_ok=True)
            raise UnreachableError("the node that runs here did not do it in time")
        time.sleep(_EVERY)
    answer = msgspec.json.decode(read_private(answered), type=_Answer)
    answered.unlink()
    if answer.code:
        raise _ERRORS.get(answer.code, StateError)(answer.message)
    return answer.document


def _write(office: Office, errand: Errand) -> Document:
    patience = PATIENCE if errand.lost_after < 0 else errand.lost_after * DAY
    rows = media.write_bundles(
        office,
        Path(errand.medium),
        node_id(errand.node),
        courier=errand.courier,
        patience=patience,
    )
    bundles = [{"number": row.number, "messages": len(row.mids) // 16} for row in rows]
    return {"node": errand.node, "bundles": bundles}


def _read(office: Office, errand: Errand) -> Document:
    done, refused = media.read_medium(office, Path(errand.medium), courier=errand.courier)
    return {"read": [_done(each) for each in done], "names_refused": refused}


def _done(done: Done) -> dict[str, object]:
    said: dict[str, object] = {"name": done.name, "refused": done.refused}
    if done.unpacked is not None:
        read = done.unpacked
        said |= {
            "sort": "bundle",
            "number": read.row.number,
            "from": read.row.from_node,
            "written_at": iso(Instant(read.row.written_at)),
            "again": read.is_again,
            "stored": read.taken,
            "rejected": read.rejected,
            "damaged": read.damaged,
            "gaps": list(read.gaps),
            "clock_ahead_s": read.clock // 1000,
            "alarm": read.alarm,
        }
    if done.settled is not None:
        said |= {
            "sort": "ack",
            "number": done.settled.number,
            "settled": done.settled.settled,
            "doubted": done.settled.doubted,
            "damaged": done.settled.damaged,
            "gaps": list(done.settled.gaps),
        }
    return said


def _ack(office: Office, errand: Errand) -> Document:
    again = (node_id(errand.node),) if errand.node else ()
    return {"acked": media.write_acks(office, Path(errand.medium), again=again)}


def _without(office: Office, errand: Errand) -> Document:
    do_without(office, node_id(errand.node), person=person_id(errand.person), why=errand.why)
    return {"node": errand.node}


def _list(office: Office, errand: Errand) -> Document:
    del errand
    return {"partners": [_standing(office, each) for each in media.standings(office)]}


def _standing(office: Office, each: Standing) -> dict[str, object]:
    now = office.clock.now()
    return {
        "node": each.node,
        "waiting": each.waiting,
        "not_yet_reached_since": None if each.since is None else iso(each.since),
        "written": [
            {
                "number": row.number,
                "state": media.state_of(row, at=now),
                "at": iso(Instant(row.at)),
                "messages": len(row.mids) // 16,
                "courier": media.courier_of(office, row.courier),
            }
            for row in each.written
        ],
        "read": [
            {
                "number": row.number,
                "state": row.state,
                "written_at": iso(Instant(row.written_at)),
                "read_at": iso(Instant(row.read_at)),
                "messages": row.items,
                "damaged": len(row.damaged) // 4,
                "courier": media.courier_of(office, row.courier),
            }
            for row in each.read
        ],
    }


_VERBS: Mapping[str, Callable[[Office, Errand], Document]] = {
    "write": _write,
    "read": _read,
    "ack": _ack,
    "list": _list,
    "without": _without,
}
