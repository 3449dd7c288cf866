"""One lawful exchange between two nodes, over the real road, in memory."""

from tests.scenarios.stage import A, N, a_world, ask, leaves, opened, outbox, question, send


def test_a_permitted_question_is_decided_logged_sent_stored_and_receipted() -> None:
    world = a_world()
    here, there = world.residents[N], world.residents[A]
    sent = send(here, question())
    assert leaves(here) == ["permitted", "sent"]
    assert world.run() == 1
    assert leaves(here) == ["permitted", "sent", "receipted"]
    assert leaves(there) == ["admitted", "received"]
    assert outbox(here, sent.mid).state == "receipted"


def test_seen_follows_stored_once_a_person_opens_the_message() -> None:
    world = a_world()
    here, there = world.residents[N], world.residents[A]
    sent = ask(world)
    (line,) = there.desk.reading.cases(there.actor("officer"))
    assert line.is_unread
    stored = outbox(here, sent.mid)
    assert stored.stored_at is not None
    assert stored.seen_at is None
    content = opened(there, sent.mid).content
    assert content is not None
    assert content.body["question"] == "Did she cross at Port Halden?"
    world.run()
    assert outbox(here, sent.mid).seen_at is not None
    opened(there, sent.mid)
    assert leaves(there).count("opened") == 1
