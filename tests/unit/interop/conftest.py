import hmac

import pytest

from comity.core.clock import DAY, Instant
from comity.core.ids import AgencyId
from comity.interop import Terms
from comity.message import Grade, handling

NOON = Instant(1_900_000_000_000)


@pytest.fixture
def terms() -> Terms:
    return Terms(
        dataset="test-list",
        originator=AgencyId("xn.police"),
        grade=Grade(scale="admiralty", source="B", information="2"),
        handling=handling("TLP:GREEN"),
        basis="Treaty of the Test, article 1",
        purpose="counter-terrorism",
        collected=NOON,
        retain_until=Instant(NOON + 365 * DAY),
        identify=lambda text: hmac.digest(b"node", text.encode(), "sha256").hex()[:32],
    )
