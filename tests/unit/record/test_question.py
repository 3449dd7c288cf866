import pytest

from comity.adapters.memory import MemoryStore
from comity.core.clock import DAY, Instant
from comity.core.errors import NotFoundError
from comity.core.ids import AgencyId, CaseId, MessageId
from comity.record import (
    Asked,
    Outcome,
    QuestionRow,
    Safe,
    StatementRow,
    close_questions,
    keep_question,
    question,
    sweep_questions,
)

CASE, OTHER = CaseId("c-1"), CaseId("c-2")


@pytest.fixture
def asked(store: MemoryStore, safe: Safe, at: Instant) -> QuestionRow:
    words = Asked(
        message=MessageId(b"q" * 16),
        case=CASE,
        asker=AgencyId("xa.police"),
        content=b"Anna Example",
        erase_by=Instant(at + DAY),
    )
    store.commit(lambda tx: keep_question(tx, words, safe=safe, at=at)).result()
    return store.commit(lambda tx: keep_question(tx, words, safe=safe, at=at)).result()


def read(store: MemoryStore, safe: Safe, name: str, case: CaseId) -> bytes:
    return store.read(lambda reader: question(reader, name, case=case, safe=safe))


def test_a_question_is_read_inside_its_case_alone_and_is_no_statement(
    store: MemoryStore, safe: Safe, asked: QuestionRow
) -> None:
    assert read(store, safe, asked.question_id, CASE) == b"Anna Example"
    with pytest.raises(NotFoundError):
        read(store, safe, asked.question_id, OTHER)
    assert store.read(lambda reader: reader.count(StatementRow)) == 0
    assert store.read(lambda reader: reader.count(QuestionRow)) == 1


def test_a_case_closed_without_a_hit_leaves_no_question(
    store: MemoryStore, safe: Safe, at: Instant, asked: QuestionRow
) -> None:
    def close(case: CaseId) -> int:
        return len(
            store.commit(
                lambda tx: close_questions(tx, case, outcome=Outcome.NO_HIT, safe=safe, at=at)
            ).result()
        )

    assert [close(OTHER), close(CASE), close(CASE)] == [0, 1, 0]
    with pytest.raises(NotFoundError):
        read(store, safe, asked.question_id, CASE)
    assert store.read(lambda reader: reader.count(QuestionRow)) == 0


def test_a_question_with_a_hit_stays_until_its_latest_time(
    store: MemoryStore, safe: Safe, at: Instant, asked: QuestionRow
) -> None:
    store.commit(
        lambda tx: close_questions(tx, CASE, outcome=Outcome.HIT, safe=safe, at=at)
    ).result()
    assert read(store, safe, asked.question_id, CASE)

    def swept(late: int) -> int:
        when = Instant(at + late)
        return len(store.commit(lambda tx: sweep_questions(tx, safe=safe, at=when)).result())

    assert [swept(0), swept(DAY)] == [0, 1]
