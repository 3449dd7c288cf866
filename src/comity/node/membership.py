"""Joining a network, and acting on a folder at the machine itself."""

import hashlib
from dataclasses import replace
from pathlib import Path

from comity.adapters.files import write_private
from comity.adapters.http import Client
from comity.adapters.system import SystemClock
from comity.core.clock import Clock
from comity.core.errors import ConfigurationError, InvalidInputError
from comity.core.ids import PersonId
from comity.desk import Actor
from comity.node.config import FILE, read_config, write_config
from comity.node.mirrors import fetch_from
from comity.node.office import Office
from comity.node.register import Register
from comity.trust import Directory, Seat, holders, is_active, seats_of


def join_network(
    folder: Path, *, mirror: str, root_digest: str, clock: Clock | None = None
) -> Directory:
    """Pin a network's root by its digest, fetch its directory and remember the mirror.

    Without a digest the first root the mirror offers is believed, once: right on one's own
    machine, never across a network. Raises `VerificationError` where the root is another.
    """
    config = read_config(folder)
    fetch = fetch_from(mirror, Client())
    root = fetch().get("metadata/1.root.json")
    if root is None:
        raise InvalidInputError(f"`{mirror}` publishes no root version 1")
    digest = root_digest or hashlib.sha256(root).hexdigest()
    register = Register(
        folder, root_digest=digest, clock=SystemClock() if clock is None else clock
    )
    register.join(root)
    register.refresh(fetch)
    joined = replace(config, root=digest, mirrors=(*config.mirrors, mirror))
    write_private(folder / FILE, write_config(joined).encode())
    return register.current()


def admin_of(office: Office, person: str) -> Actor:
    """Return the admin who acts at the machine: who holds folder and master key is that person.

    RISK: this is the one door that needs no token; it opens only to who can open the keys.
    """
    at = office.clock.now()
    admins = office.store.read(lambda r: holders(r, Seat.ADMIN, at=at))
    chosen = [each for each in admins if not person or each == person]
    if not chosen:
        raise ConfigurationError(
            "this node has no such admin: `comity node init` makes the first"
        )
    return Actor(person=chosen[0], seats=frozenset({"admin"}), session="machine")


def machine(office: Office) -> Actor:
    """Return the engineer who loads lists at the machine itself."""
    admin = admin_of(office, "")
    return Actor(person=admin.person, seats=frozenset({"engineer"}), session="machine")


def self_of(office: Office, person: PersonId) -> Actor:
    """Return a person at the machine, with the seats they hold; raises `InvalidInputError`."""
    at = office.clock.now()
    if not office.store.read(lambda r: is_active(r, person)):
        raise InvalidInputError(f"no person `{person}` here")
    seats = office.store.read(lambda r: seats_of(r, person, at=at))
    return Actor(
        person=person, seats=frozenset(seat.value for seat in seats), session="machine"
    )
