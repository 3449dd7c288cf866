from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.adapters.memory import MemoryStore
from comity.core.clock import DAY, Instant
from comity.core.ids import AgencyId, CaseId, EntityId, MemberId
from comity.message import Grade, Handling, Setting, Statement, Status, Tlp
from comity.record import Clearance, Safe, entities, entity_of, keep_statements, restrict

NOON = Instant(1_900_000_000_000)
READER = Clearance(member=MemberId("xa"), purpose="border", tlp=Tlp.AMBER_STRICT, level=1)
HELD = Statement(
    statement_id="s-1",
    entity_id=EntityId("p-1"),
    schema="Person",
    prop="name",
    value="Anna Example",
    dataset="xn-file",
    originator=AgencyId("xn.police"),
    grade=Grade(scale="europol-4x4", source="B", information="2"),
    handling=Handling(tlp=Tlp.AMBER),
    basis="Treaty of the Test, article 1",
    purpose="border",
    collected=NOON,
    retain_until=Instant(NOON + DAY),
)
MARKINGS = st.builds(
    Handling,
    tlp=st.sampled_from(Tlp),
    level=st.integers(0, 4),
    releasable=st.none() | st.frozensets(st.sampled_from([MemberId("xa"), MemberId("xc")])),
    purposes=st.none() | st.frozensets(st.sampled_from(["border", "asylum"])),
    until=st.none() | st.sampled_from([NOON, Instant(NOON + 1)]),
    setting=st.sampled_from(Setting),
)


@given(st.lists(MARKINGS, max_size=6))
def test_a_view_never_shows_more_than_its_reader_may_see(markings: list[Handling]) -> None:
    held = [replace(HELD, handling=marking) for marking in markings]
    for entity in entities(held, reader=READER, at=NOON):
        whole = entity.handling
        assert whole.setting is Setting.REAL
        assert whole.tlp <= READER.tlp
        assert whole.level <= READER.level
        assert whole.may_release(READER.member, purpose=READER.purpose, at=NOON)


def test_an_exercise_value_is_unseen_outside_the_exercise() -> None:
    drill = replace(HELD, handling=Handling(tlp=Tlp.CLEAR, setting=Setting.EXERCISE))
    assert entities([drill], reader=READER, at=NOON) == ()


def test_a_value_past_its_time_is_unseen() -> None:
    assert entities([HELD], reader=READER, at=HELD.retain_until) == ()


@pytest.mark.parametrize("status", [Status.RECALLED, Status.SUPERSEDED])
def test_a_value_taken_back_is_unseen(status: Status) -> None:
    assert entities([replace(HELD, status=status)], reader=READER, at=NOON) == ()


def test_a_contested_value_is_shown_as_contested() -> None:
    contested = replace(HELD, status=Status.CONTESTED)
    (entity,) = entities([HELD, contested], reader=READER, at=NOON)
    assert entity.is_contested
    assert entity.properties == {"name": ("Anna Example",)}
    assert (entity.schema, set(entity.datasets)) == ("Person", {"xn-file"})


def test_an_empty_audience_shows_a_value_to_its_own_member_alone() -> None:
    closed = replace(HELD, handling=Handling(tlp=Tlp.AMBER, releasable=frozenset()))
    own = replace(READER, member=MemberId("xn"))
    assert entities([closed], reader=READER, at=NOON) == ()
    assert len(entities([closed], reader=own, at=NOON)) == 1


def test_a_restricted_value_is_shown_to_nobody(store: MemoryStore, safe: Safe) -> None:
    store.commit(lambda tx: keep_statements(tx, [HELD], safe=safe, at=NOON)).result()

    def shown() -> bool:
        return (
            store.read(
                lambda reader: entity_of(
                    reader, HELD.entity_id, safe=safe, reader=READER, at=NOON
                )
            )
            is not None
        )

    assert shown()
    store.commit(lambda tx: restrict(tx, "s-1", procedure=CaseId("c-1"))).result()
    assert not shown()
