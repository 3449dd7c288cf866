"""Policies of others: what restricts is kept with its code, what grants widens nothing."""

from collections.abc import Mapping

import pytest

from comity.core.errors import InvalidInputError
from comity.interop import read_acs, read_iep
from comity.message import Tlp


def test_a_policy_keeps_what_it_forbids() -> None:
    read = read_iep(
        {
            "id": "p-1",
            "name": "sharing",
            "iep_version": "2.0",
            "tlp": "amber",
            "encrypt_in_transit": "must",
            "permitted_actions": "internally-visible-actions",
            "affected_party_notifications": "must-not",
            "attribution": "may",
            "unmodified_resale": "must-not",
            "end_date": "2027-01-01T00:00:00Z",
        }
    )
    assert str(read) == (
        "TLP:AMBER IEP:affected_party_notifications=must-not,encrypt_in_transit=must,"
        "permitted_actions=internally-visible-actions,unmodified_resale=must-not"
        " UNTIL:2027-01-01T00:00:00Z"
    )


def test_a_policy_without_a_colour_is_red() -> None:
    assert read_iep({}).tlp is Tlp.RED


@pytest.mark.parametrize(
    "policy",
    [
        {"tlp": "white"},
        {"tlp": "ex:chr"},
        {"iep_version": "1.0"},
        {"attribution": "maybe"},
        {"colour": "red"},
        {"encrypt_in_transit": True},
        {"end_date": "soon"},
    ],
)
def test_what_is_not_iep_2_is_refused(policy: Mapping[str, object]) -> None:
    with pytest.raises(InvalidInputError):
        read_iep(policy)


def test_an_acs_marking_keeps_what_restricts_and_nothing_that_grants() -> None:
    read = read_acs(
        {
            "classification": "S",
            "caveat": ["FISA"],
            "sensitivity": ["LES"],
            "formal_determination": ["NF", "PUBREL"],
            "privilege_action": ["DSPLY", "TEARLINE"],
            "shareability": ["FOREIGNGOV"],
        },
        tlp=Tlp.AMBER,
    )
    assert str(read) == (
        "TLP:AMBER L3 CLASS:us:S"
        " CAVEAT:acs.caveat.FISA,acs.formal_determination.NF,acs.sensitivity.LES"
    )
    assert read_acs({"classification": "U"}, tlp=Tlp.GREEN).level == 0


@pytest.mark.parametrize(
    "marking", [{"caveat": "NONE"}, {"mood": "S"}, {"caveat": 1}, {"caveat": [1]}]
)
def test_what_is_outside_the_lists_of_acs_is_refused(marking: Mapping[str, object]) -> None:
    with pytest.raises(InvalidInputError):
        read_acs(marking, tlp=Tlp.RED)
