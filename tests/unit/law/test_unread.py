"""What a referral waits for: rules, parties and reservations that nobody has read."""

import pytest
from tests.unit.law.test_reading import PACKS, READ, draft, law, reading

from comity.core.ids import AgencyId
from comity.law import decide, is_unread
from comity.law.unread import unread

XN = AgencyId("xn.police")
BASIS = law(reading("pact-unread"))


@pytest.mark.parametrize(("to", "row"), [("xc.police", "PACT/XC"), ("xb.police", "PACT/XB/*")])
def test_a_basis_that_hangs_on_a_party_names_the_row_of_that_party(to: str, row: str) -> None:
    decision = decide(draft(to), BASIS)
    assert unread(decision, BASIS, agencies=(XN, AgencyId(to))) == (row,)
    assert is_unread(BASIS, row, on=READ)


def test_a_rule_nobody_read_names_itself_and_a_permit_names_nothing() -> None:
    agencies = (XN, AgencyId("xa.border"))
    assert unread(decide(draft(), PACKS), PACKS, agencies=agencies) == ("pact-unread",)
    assert unread(decide(draft(), BASIS), BASIS, agencies=agencies) == ()
    assert is_unread(PACKS, "pact-unread", on=READ)
    assert not is_unread(BASIS, "pact-unread", on=READ)
    assert not is_unread(PACKS, "PACT/XA", on=READ)
