"""Wakes the person on duty: by a command, a mail or a web hook.

INVARIANT: the words are fixed. No content, sender, subject, case or partner leaves the node
this way; the person signs in to see what it is.
"""

import shlex
import smtplib
import ssl
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import parse_qs, urlsplit

import msgspec

from comity.adapters.http.client import Client
from comity.core import limits
from comity.core.errors import ConfigurationError, UnreachableError

WORDS = "You have urgent work at this node"
_SECONDS = 30.0

REACH = "{reach}"
"""Where a way's address wants that of the person on duty."""

Way = Callable[[str], None]
"""Wakes somebody; raises `UnreachableError` where it cannot."""


@dataclass(frozen=True, slots=True)
class Notifier:
    """Tries every way, whatever happens to the others."""

    ways: tuple[tuple[str, Way], ...]
    journal: Callable[[str, str], None]
    """Takes the way's name and an error's code."""

    def wake(self, reach: str = "") -> int:
        """Wake the person on duty; return how many ways worked. Never raises.

        `reach` is that person's own number or address, for the ways that want one; without it
        those ways are passed over, and the others reach whoever is at the post.
        """
        worked = 0
        for name, way in self.ways:
            try:
                way(reach)
                worked += 1
            except UnreachableError as error:
                self.journal(f"notify-{name}", error.code)
        return worked


def make_notifier(
    ways: Sequence[tuple[str, str]], *, client: Client, journal: Callable[[str, str], None]
) -> Notifier:
    """Make a notifier of (`command` | `smtp` | `webhook`, where) from the configuration.

    `where` is a command line; `smtp://host:port?from=…&to=…` (`smtps` for TLS from the start);
    or an https address. `{reach}` in a command, or as the whole of `to`, stands for where the
    person on duty is reached. Raises `ConfigurationError`.
    """
    made: list[tuple[str, Way]] = []
    for name, where in ways:
        match name:
            case "command":
                made.append((name, _command(where)))
            case "smtp":
                made.append((name, _mail(where)))
            case "webhook":
                made.append((name, _webhook(where, client)))
            case _:
                raise ConfigurationError(
                    f"a notifier is `command`, `smtp` or `webhook`, not `{name[:40]}`"
                )
    return Notifier(tuple(made), journal)


def _command(where: str) -> Way:
    try:
        words = shlex.split(where)
    except ValueError:
        words = []
    if not words:
        raise ConfigurationError("a notifier's command is empty or has an open quote")

    def way(reach: str) -> None:
        _check_reach(where, reach)
        try:
            subprocess.run(  # noqa: S603 - the engineer's own command, never a shell
                [*(word.replace(REACH, reach) for word in words), WORDS],
                check=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_SECONDS,
            )
        except (OSError, subprocess.SubprocessError):
            raise UnreachableError("the notifier's command failed") from None

    return way


def _mail(where: str) -> Way:
    parts = urlsplit(where)
    query = parse_qs(parts.query)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if parts.scheme not in {"smtp", "smtps"} or not host or {"from", "to"} - query.keys():
        raise ConfigurationError("expected a mail notifier like `smtp://host:25?from=…&to=…`")
    sender, to = query["from"][0], query["to"][0]

    def way(reach: str) -> None:
        _check_reach(to, reach)
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, to.replace(REACH, reach), WORDS
        mail.set_content(WORDS + ".\n")
        try:
            if parts.scheme == "smtps":
                context = ssl.create_default_context()
                with smtplib.SMTP_SSL(
                    host, port or 465, timeout=_SECONDS, context=context
                ) as line:
                    line.send_message(mail)
                return
            with smtplib.SMTP(host, port or 25, timeout=_SECONDS) as line:
                line.send_message(mail)
        except (OSError, smtplib.SMTPException):
            raise UnreachableError("the notifier's mail server does not answer") from None

    return way


def _webhook(where: str, client: Client) -> Way:
    if urlsplit(where).scheme not in {"http", "https"}:
        raise ConfigurationError("expected a web hook like `https://…`")
    body = msgspec.json.encode({"text": WORDS})

    def way(reach: str) -> None:
        del reach
        reply = client.post(where, body, sort="application/json", limit=limits.TEXT)
        if reply.status >= 300:  # noqa: PLR2004 - HTTP: anything but success
            raise UnreachableError(f"the notifier's web hook answers {reply.status}")

    return way


def _check_reach(where: str, reach: str) -> None:
    # INVARIANT: an address begins with no dash, so no command reads it as an option.
    if REACH in where and (not reach or reach.startswith("-")):
        raise UnreachableError("nobody on duty has said where to be reached")
