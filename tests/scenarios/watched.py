"""What the stories of a watch share: a question that requests one, the law, the worker."""

from tests.scenarios.stage import (
    NORLAND,
    A,
    N,
    a_world,
    ask,
    case_of,
    opened,
    question,
    reply,
    send,
    statements_of,
)

from comity.adapters.world import Resident, World
from comity.core.clock import DAY, Instant
from comity.core.ids import CaseId, EntityId, member_of
from comity.core.store import eq
from comity.desk import Assessment, Incoming, Letter, Sent
from comity.exchange import InboxRow
from comity.node.watching import Watching
from comity.practice import CaseFieldRow
from comity.record import ErasureRow, RecordRow, WatchRow

WHY = "She is expected to cross before Christmas."


def requesting(days: int = 20) -> Letter:
    return question(watch_days=days, watch_reason=WHY)


def a_request(*, permits: bool | None = True, days: int = 20) -> tuple[World, Sent, CaseId]:
    """Let Norland ask Arcadia for a watch, once Arcadia's law says whether it permits one."""
    world = a_world()
    there = world.residents[A]
    if permits is not None:
        allow(world, there, value=permits)
    sent = ask(world, requesting(days))
    opened(there, sent.mid)
    return world, sent, case_of(there, sent.mid)


def allow(world: World, here: Resident, *, value: bool, days: int = 200) -> None:
    """State by two persons whether our law permits a watch for Norland."""
    world.clock.advance(1)
    row = here.desk.counsel.assess(
        here.actor("legal"),
        Assessment(
            partner=NORLAND,
            purpose="counter-terrorism",
            fact="watch_permitted",
            value=value,
            until=Instant(world.clock.now() + days * DAY),
            reasons="Border Act, section 4",
        ),
    )
    named = {"partner": NORLAND, "purpose": row.purpose, "fact": row.fact}
    here.desk.counsel.confirm(here.actor("rights"), **named, at=row.at)


def worker(here: Resident) -> Watching:
    return Watching(desk=here.desk, member=member_of(here.agency))


def work(world: World) -> None:
    """Let Arcadia's worker do its rounds, and carry what it says."""
    world.meet()
    world.clock.advance(1)
    while worker(world.residents[A]).work():
        pass
    world.run()


def hold_many(here: Resident, count: int) -> None:
    """Hold persons nobody asks for."""
    found = [
        each
        for number in range(count)
        for each in statements_of(here, EntityId(f"o-{number}"), f"Otto {number}", "1950")
    ]
    here.desk.holdings.keep(here.actor("officer"), Incoming(statements=found))


def living(here: Resident) -> list[WatchRow]:
    return list(here.store.read(lambda r: r.find(WatchRow)))


def sealed(here: Resident) -> list[RecordRow]:
    """Return the sealed records of watches, erased ones included."""
    return list(here.store.read(lambda r: r.find(RecordRow, eq("sort", "watch"))))


def is_gone(here: Resident) -> bool:
    """Whether nothing of any watch can be read here, and each was certified."""
    records = sealed(here)
    certified = {row.record_id for row in here.store.read(lambda r: r.find(ErasureRow))}
    is_readable = any(row.wrapped or row.sealed for row in records)
    return not living(here) and not is_readable and records[-1].record_id in certified


def fields(here: Resident, case: CaseId, name: str) -> set[str]:
    rows = here.store.read(lambda r: r.find(CaseFieldRow, eq("case", case), eq("name", name)))
    return {row.value for row in rows}


def told(world: World, word: str = "watch-answer") -> list[dict[str, object]]:
    """Return what Norland was told of its watch, in order."""
    here = world.residents[N]
    rows = here.store.read(lambda r: r.find(InboxRow, order="stored_at"))
    return [
        dict(view.content.body)
        for row in rows
        if row.kind == f"requests.{word}/1"
        and (view := here.desk.reading.message(here.actor("officer"), row.mid.hex())).content
    ]


def renewed_request(world: World, sent: Sent, *, days: int = 30) -> Sent:
    """Let Norland request its watch anew."""
    world.meet()
    letter = reply(
        sent.case, "watch-renew", about=sent.mid, watch_days=days, watch_reason="Put off."
    )
    done = send(world.residents[N], letter)
    world.run()
    opened(world.residents[A], done.mid)
    return done
