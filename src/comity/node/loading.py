"""Lists brought in: read, previewed, committed; and the public samples loaded after the start.

Loading runs in a thread of its own, so that the first page never waits for a list.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from comity.core.clock import DAY, Instant, from_iso
from comity.core.errors import ComityError, InvalidInputError
from comity.desk import Incoming
from comity.interop import (
    Import,
    Terms,
    import_csv,
    import_ftm,
    import_ofac,
    import_un,
    sample_ofac,
    sample_un,
)
from comity.message import Grade, Handling, Tlp
from comity.node.membership import machine
from comity.node.office import Office
from comity.record import Edition, Origin

KEPT = 3 * 365 * DAY
"""How long imported values are kept unless the importer says otherwise."""
UNKNOWN = Grade(scale="europol-4x4", source="X", information="4")
_PUBLISHED = {"ofac-sdn": "2021-12-31T00:00:00Z", "un-sc": "2026-02-27T00:00:00Z"}
"""The last day each shipped sample can be of; its source gives the year of one alone."""
PUBLIC = Grade(scale="europol-4x4", source="A", information="1")


def read_import(  # noqa: PLR0913 - what the files themselves do not say
    office: Office,
    files: Mapping[str, bytes],
    *,
    form: str,
    marking: Handling,
    basis: str,
    purpose: str,
    dataset: str,
    edition: str,
    published: Instant | None,
    retain_until: Instant | None,
    grade: Grade = UNKNOWN,
) -> tuple[Incoming, Import]:
    """Read files of one format into statements, with what was rejected and why."""
    now = office.clock.now()
    terms = Terms(
        dataset=dataset or form,
        originator=office.config.agency,
        grade=grade,
        handling=marking,
        basis=basis,
        purpose=purpose,
        collected=now,
        retain_until=retain_until or Instant(now + KEPT),
        identify=lambda text: office.keyring.hashed(text).hex(),
    )
    found = _read(files, form, terms)
    listed = (
        Edition(
            dataset=terms.dataset,
            edition=edition,
            published=published or now,
            origin=Origin.PUBLISHER,
        )
        if edition
        else None
    )
    return Incoming(statements=found.statements, edition=listed), found


def _read(files: Mapping[str, bytes], form: str, terms: Terms) -> Import:
    name, data = next(iter(files.items()), ("", b""))
    match form:
        case "ofac-sdn":
            return import_ofac(files, terms=terms)
        case "un-sc":
            return import_un(data, terms=terms, file=name)
        case "ftm":
            return import_ftm(data, terms=terms, file=name)
        case "csv":
            return import_csv(data, terms=terms, file=name)
        case _:
            raise InvalidInputError(
                f"unknown format `{form[:40]}`, expected ofac-sdn, un-sc, ftm or csv"
            )


@dataclass(slots=True)
class Loading:
    """The public samples a demonstration node loads, with how far it is."""

    office: Office
    journal: Callable[[str, str], None]
    _lists: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def progress(self) -> Mapping[str, str]:
        """List to `waiting`, `reading`, `storing`, `held` or an error's code.

        While screening reads what is held, it is named beside them.
        """
        is_reading = self.office.screening.progress is not None
        return {**self._lists, **({"screening": "reading"} if is_reading else {})}

    def start(self, lists: tuple[str, ...]) -> None:
        """Begin loading in the background."""
        self._lists = dict.fromkeys(lists, "waiting")
        if lists:
            threading.Thread(target=self._run, args=(lists,), daemon=True).start()

    def _run(self, lists: tuple[str, ...]) -> None:
        for name in lists:
            try:
                self._load(name)
                self._lists[name] = "held"
            except ComityError as error:
                self._lists[name] = error.code
                self.journal("loading", error.code)

    def _load(self, name: str) -> None:
        office = self.office
        actor = machine(office)
        self._lists[name] = "reading"
        incoming = self._sample(name)
        held = {(row.dataset, row.edition) for row in office.desk.holdings.editions(actor)}
        edition = incoming.edition
        if edition is not None and (edition.dataset, edition.edition) in held:
            return
        self._lists[name] = "storing"
        previewed = office.desk.holdings.preview(actor, incoming)
        office.desk.holdings.commit(actor, incoming, previewed=previewed)

    def _sample(self, name: str) -> Incoming:
        sample = sample_ofac() if name == "ofac-sdn" else sample_un()
        incoming, _ = read_import(
            self.office,
            sample.files,
            form=name,
            marking=Handling(tlp=Tlp.GREEN),
            basis="public list, for demonstration",
            purpose="counter-terrorism",
            dataset=name,
            edition=sample.edition,
            published=from_iso(_PUBLISHED[name]),
            retain_until=None,
            grade=PUBLIC,
        )
        edition = incoming.edition
        assert edition is not None  # noqa: S101 - a sample always has one
        shown = Edition(
            dataset=edition.dataset,
            edition=edition.edition,
            published=edition.published,
            origin=Origin.DEMONSTRATION,
        )
        return Incoming(statements=incoming.statements, edition=shown)
