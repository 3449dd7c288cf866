"""The tables of `node.toml`: each a class whose fields and texts are the reference.

A table that is left out, and a field left out of it, has its default; a name that no table
knows is refused, so that a misspelt setting never counts as set.
"""

from datetime import UTC, tzinfo
from ipaddress import ip_network
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from comity.core.errors import ConfigurationError, InvalidInputError
from comity.core.ids import node_id

NORMAL, THRIFT = "normal", "thrift"
"""How the node uses its line."""
OFF, PARTNERS = "off", "partners"
"""Whether a client certificate is asked for: never, or of every partner."""


class Web(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the node listens, over what, and how often one address may call."""

    listen: str = ""
    """Where the listener for partners binds, such as `http://127.0.0.1:8701` behind a proxy
    that ends TLS; empty: at `url`. With `https` the node ends TLS by its own certificate."""
    people: str = ""
    """Where the listener for the node's own people binds; empty: at `console`. Always `http`:
    on loopback, or behind a proxy that ends TLS."""
    client_certificates: str = OFF
    """`partners`: with `https`, a caller must show a certificate that the directory lists,
    before a byte of its request is read. An outer gate; who speaks is decided by signatures."""
    proxies: tuple[str, ...] = ()
    """Addresses or networks of proxies in front, whose `X-Forwarded-For` is believed: without
    them every call through a proxy counts as the proxy's own."""
    calls: int = 100
    """Calls per second that one address may make to the listener for partners, four times as
    many at once; beyond it is told to come back (429). Loopback is not counted. 0: no limit."""
    metrics: tuple[str, ...] = ()
    """Addresses or networks that may read `/metrics` at the listener of the node's own people,
    beside loopback."""
    sign_ins: int = 10
    """Failed sign-ins, by link or token, per minute and address; beyond it no secret from
    there is looked at. 0: no limit."""


class Service(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the node runs as a service of its machine."""

    user: str = ""
    """The user the node becomes where it is started as root, once its ports are bound and
    before a key is read; empty: the owner of its folder."""
    connections: int = 4
    """Connections each process holds to the store for reading, beside the one that writes."""
    lease: int = 30
    """Seconds for which a worker process holds a duty of the node; where it dies, another takes
    the duty over within that time. Only where several processes share a PostgreSQL store."""


class Duty(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long the node waits for a person; the rota itself is kept in the console."""

    zone: str = "UTC"
    """The time zone the rota is written in, such as `Europe/Dublin`. Its shifts are hours on
    the wall there: a change of the clocks opens no gap."""
    next_after: int = 5
    """Minutes after which the next on the rota is woken for what nobody has opened."""
    again_after: int = 15
    """Minutes after which the round begins anew once all have been woken in vain."""
    test_date: int = 1
    """Day of the month, 1 to 28, from which the monthly trial call is made."""
    test_hour: int = 10
    """Hour of that day, on the wall, from which it is made."""


class Record(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What only the controller can say in its record of processing (`node register`)."""

    controller: str = ""
    """Name and contact details of the controller; empty: the node's name and its contact
    points in the directory."""
    officer: str = ""
    """Contact details of the data protection officer."""
    joint: tuple[str, ...] = ()
    """Joint controllers, where there are any."""
    authority: str = ""
    """The supervisory authority the record is kept for."""
    measures: tuple[str, ...] = ()
    """Security measures beside the node's own: guarded rooms, vetted staff."""


class Line(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How good the node's line is, and which partners no line reaches."""

    mode: str = NORMAL
    """`thrift`: few calls at a fixed cadence, for a line that is paid by the byte or is slow.
    News of the directory, of partners' keys and from witnesses then come up to six hours later;
    messages are carried at once either way."""
    media: tuple[str, ...] = ()
    """Partners' nodes that no line reaches, such as `xa.border.n1`: nobody calls them, and what
    waits for them is written to removable media by `comity bundle write`."""
    prekey_days: int = 1
    """Days for which a prekey of this node is offered, 1 to 60: as long as partners may be
    without a new one. Longer widens what a stolen key opens; beyond 1 only for nodes reached by
    media."""


def check_line(line: Line) -> None:
    """Check what a type cannot say; raises `ConfigurationError`."""
    if line.mode not in {NORMAL, THRIFT}:
        raise ConfigurationError(
            f"`line.mode` is `{NORMAL}` or `{THRIFT}`, got `{line.mode[:40]}`"
        )
    if not 1 <= line.prekey_days <= 60:  # noqa: PLR2004 - the longest message life
        raise ConfigurationError("`line.prekey_days` is a number from 1 to 60")
    for name in line.media:
        try:
            node_id(name)
        except InvalidInputError as error:
            raise ConfigurationError(f"`line.media` lists nodes: {error}") from None


class Post(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How messages reach the node where no partner can call it."""

    pull: bool = False
    """Whether the node asks its partners for what waits, because nothing can call it from
    outside; the directory says so once the node's next document is published."""
    wait: int = 50
    """Seconds one asking stays open at a partner, 1 to 1,800; at least 900 in thrift mode."""


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What partners may bring to the inbox; 64 KiB more count as one message more."""

    share: int = 20
    """Messages per second that are each partner's own, twenty times as many at once."""
    common: int = 1_000
    """Messages per second that all partners share beyond their own, ten times as many at
    once."""
    blobs: int = 4_096
    """MiB of large files that each partner may bring before their messages."""


def check_limits(limits: Limits) -> None:
    """Check what a type cannot say; raises `ConfigurationError`."""
    for name, value in (
        ("share", limits.share),
        ("common", limits.common),
        ("blobs", limits.blobs),
    ):
        if not 1 <= value <= 1_000_000:  # noqa: PLR2004 - a bound, to catch a slip
            raise ConfigurationError(f"`limits.{name}` is a number from 1 to 1,000,000")


def check_post(post: Post) -> None:
    """Check what a type cannot say; raises `ConfigurationError`."""
    if not 1 <= post.wait <= 1_800:  # noqa: PLR2004 - as the listener's own limit
        raise ConfigurationError("`mailbox.wait` is a number of seconds from 1 to 1,800")


class Keys(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the node's secrets lie that are not in its folder."""

    apart: str = ""
    """A folder on another medium for the keys of the week and the erasure list, which no backup
    holds: with it a backup can be restored whole, without it only on this machine. Empty:
    `keys/` of the node's own folder. A path from the node's folder, or an absolute one."""
    module: str = ""
    """The PKCS#11 library of a key device, such as the one SoftHSM or an HSM's maker installs.
    Empty: keys lie in `keys/`, wrapped by the master key."""
    token: str = ""
    """The label of the token in that device; its PIN is asked as the passphrase is."""


class Ledger(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the node's ledger is witnessed, and how it watches the ledgers of others."""

    gossip_minutes: int = 10
    """How often one partner is asked what it cosigned of one ledger, in minutes, to compare it
    with what we were shown; 0: never, which leaves it to monitors and to what partners send."""
    alarm_minutes: int = 60
    """After how many minutes without a quorum of witnesses the node raises an alarm. Delivery
    goes on."""
    unwitnessed: tuple[str, ...] = ()
    """For how many minutes the ledger may stand unwitnessed before nothing more is sent under a
    marking or a stricter one: `["TLP:RED=60", "L2=30"]`. Recalls and the like always go."""
    monitor: bool = False
    """Follow every ledger of the directory, keep a verified copy of those whose reader's token
    lies in `tokens/`, and raise an alarm where one cannot be right: for oversight nodes."""


def check_web(web: Web) -> None:
    """Check what a type cannot say; raises `ConfigurationError`."""
    if web.client_certificates not in {OFF, PARTNERS}:
        raise ConfigurationError(
            f"`web.client_certificates` is `{OFF}` or `{PARTNERS}`,"
            f" got `{web.client_certificates[:40]}`"
        )
    for name, value in (("calls", web.calls), ("sign_ins", web.sign_ins)):
        if not 0 <= value <= 1_000_000:  # noqa: PLR2004 - a bound, to catch a slip
            raise ConfigurationError(f"`web.{name}` is a number from 0 to 1,000,000")
    for listed in (*web.proxies, *web.metrics):
        try:
            ip_network(listed)
        except ValueError:
            raise ConfigurationError(
                "`web.proxies` and `web.metrics` list addresses or networks, such as"
                f" `192.0.2.7` or `10.0.0.0/8`, got `{listed[:60]}`"
            ) from None


def check_service(service: Service) -> None:
    """Check what a type cannot say; raises `ConfigurationError`."""
    if not 1 <= service.connections <= 64:  # noqa: PLR2004 - each is a file or a process elsewhere
        raise ConfigurationError("`service.connections` is a number from 1 to 64")
    if not 5 <= service.lease <= 600:  # noqa: PLR2004 - between a slow disk and a long silence
        raise ConfigurationError("`service.lease` is a number of seconds from 5 to 600")


def check_duty(duty: Duty) -> None:
    """Check what a type cannot say; raises `ConfigurationError`."""
    bounds = (
        ("next_after", 1, 240),
        ("again_after", 1, 1_440),
        ("test_date", 1, 28),
        ("test_hour", 0, 23),
    )
    for name, least, most in bounds:
        if not least <= getattr(duty, name) <= most:
            raise ConfigurationError(f"`duty.{name}` is a number from {least} to {most}")
    zone_of(duty)


def zone_of(duty: Duty) -> tzinfo:
    """Return the rota's time zone; raises `ConfigurationError` where the machine has none."""
    if duty.zone == "UTC":
        return UTC
    try:
        return ZoneInfo(duty.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigurationError(
            f"`duty.zone` `{duty.zone[:60]}` is not known to this machine: give a name such as"
            " `Europe/Dublin`, and install the system's time zone data (package `tzdata`)"
        ) from None


def check_ledger(ledger: Ledger) -> None:
    """Check what a type cannot say; raises `ConfigurationError`."""
    for name, value in (
        ("gossip_minutes", ledger.gossip_minutes),
        ("alarm_minutes", ledger.alarm_minutes),
    ):
        if not 0 <= value <= 100_000:  # noqa: PLR2004 - a bound, to catch a slip
            raise ConfigurationError(
                f"`ledger.{name}` is a number of minutes from 0 to 100,000"
            )
