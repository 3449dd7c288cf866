"""Both sides ask their own law: both answers are in the ledgers, and the stricter one wins."""

from collections.abc import Mapping
from typing import cast

import pytest
from tests.scenarios.stage import (
    ARCADIA,
    NORLAND,
    A,
    N,
    entries,
    inbox,
    leaves,
    opened,
    outbox,
    question,
    received,
    send,
)

from comity.adapters.world import Resident, World, make_world
from comity.core import cbor
from comity.core.cbor import Value
from comity.core.ids import RecordId
from comity.exchange import DecisionRow
from comity.law import Corpus, load_corpus, shipped_packs
from comity.ledger import Leaf, commit_to
from comity.node.bootstrap import shipped_practices

RECEIVERS = """
pack: strict
version: "1"
title: What a fictional state holds back from itself
demonstration: "yes"
rules:
  - id: strict-1
    role: condition
    text: nothing of this sort is held
    cite: Treaty of Strictness, art. 1
    evidence: {evidence}
    gap: the text of article 1
    sides: [hold]
    when: {{recipient: XA}}
    lifted_by: [legal]
"""


def strict(evidence: str) -> Corpus:
    own = RECEIVERS.format(evidence=evidence)
    if evidence == "seen":
        own = own.replace("    gap: the text of article 1\n", "")
    return load_corpus({**shipped_packs(), "strict.yaml": own.encode()})


@pytest.fixture
def world() -> World:
    corpus = load_corpus(shipped_packs())
    return make_world((NORLAND, ARCADIA), practices=shipped_practices(), corpus=corpus)


def evidence(here: Resident, record: str, place: int) -> tuple[Leaf, Mapping[str, Value]]:
    """Open one leaf of a node with what its Safe kept, as an inspector would."""
    kept = here.store.read(lambda r: here.safe.open(r, RecordId(record)))
    assert kept is not None
    members = cast("Mapping[str, list[Mapping[str, bytes]]]", cbor.decode(kept))
    found = members["evidence"][place]
    opened_by = commit_to(found["salt"], found["record"])
    (leaf,) = [each for each in entries(here) if each.commitment == opened_by]
    return leaf, cast("Mapping[str, Value]", cbor.decode(found["record"]))


def test_the_digests_of_both_decisions_are_committed_to_in_both_ledgers(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    mid = send(here, question()).mid
    world.run()
    sent, came = outbox(here, mid), received(there, mid)
    made = here.store.read(lambda r: r.get(DecisionRow, sent.decision))
    assert made is not None
    permitted, ours = evidence(here, made.record_id, 0)
    _, told = evidence(here, sent.record_id, 0)
    assert ours["decision"] == told["decision"] == made.digest
    admitted, theirs = evidence(there, came.record_id, 0)
    assert admitted.type.name == "ADMITTED"
    digest = theirs["decision"]
    assert isinstance(digest, bytes)
    assert (len(digest), digest != made.digest) == (32, True)
    # The receiver's leaf commits to the very leaf that the sender's law left: they open as one.
    assert theirs["theirs"] == permitted.commitment == made.commitment


def test_the_receivers_denial_outweighs_the_senders_permit(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    mid = send(here, question()).mid
    world.corpus = strict("seen")
    world.run()
    assert inbox(there) == []
    assert leaves(there)[-1] == "not_admitted"
    row = outbox(here, mid)
    assert (row.state, row.code) == ("rejected", "not-admitted")


def test_the_receivers_doubt_outweighs_the_senders_permit(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    mid = send(here, question()).mid
    world.corpus = strict("unverified")
    world.run()
    assert received(there, mid).state == "held"
    assert opened(there, mid).content is None
    assert "held" in leaves(there)
    assert outbox(here, mid).state == "receipted"


def test_the_receivers_permit_outweighs_nothing(world: World) -> None:
    """What the sender's own law denies never reaches anybody who would hold it."""
    here, there = world.residents[N], world.residents[A]
    text = RECEIVERS.format(evidence="seen").replace("    gap: the text of article 1\n", "")
    own = text.replace("sides: [hold]", "sides: [release]")
    world.corpus = load_corpus({**shipped_packs(), "strict.yaml": own.encode()})
    here.desk.correspondence.send(here.actor("officer"), question())
    world.run()
    assert leaves(here) == ["denied"]
    assert inbox(there) == []
