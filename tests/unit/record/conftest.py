import hmac
from dataclasses import dataclass

import pytest

from comity.adapters.memory import MemoryStore
from comity.adapters.system import SystemEntropy
from comity.core.clock import DAY, Instant
from comity.core.ids import AgencyId, EntityId
from comity.message import Grade, Statement, handling
from comity.record import Safe
from comity.seal import RecordCipher

NOON = Instant(1_900_000_000_000)


@dataclass(frozen=True)
class Weeks:
    keys: dict[int, bytes]

    def current(self, at: Instant, /) -> tuple[int, bytes]:
        week = at // (7 * DAY)
        return week, self.keys.setdefault(week, SystemEntropy().take(32))

    def key(self, week: int, /) -> bytes | None:
        return self.keys.get(week)


@pytest.fixture
def at() -> Instant:
    return NOON


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def week_keys() -> dict[int, bytes]:
    return {}


@pytest.fixture
def safe(week_keys: dict[int, bytes]) -> Safe:
    return Safe(
        cipher=RecordCipher(),
        weeks=Weeks(week_keys),
        entropy=SystemEntropy(),
        keyed_hash=lambda text: hmac.digest(b"node", text.encode(), "sha256").hex(),
    )


@pytest.fixture
def a_name() -> Statement:
    return Statement(
        statement_id="s-1",
        entity_id=EntityId("p-1"),
        schema="Person",
        prop="name",
        value="Anna Example",
        dataset="xn-file",
        originator=AgencyId("xn.police"),
        grade=Grade(scale="europol-4x4", source="B", information="2"),
        handling=handling("TLP:AMBER"),
        basis="Treaty of the Test, article 1",
        purpose="counter-terrorism",
        collected=NOON,
        retain_until=Instant(NOON + 30 * DAY),
        original_value="EXAMPLE, Anna",
    )
