"""The guards that hold the invariants, each with what the code is without it."""

from tests.hostile.mutant import Mutant, Patch

_INBOUND, _OUTBOUND = "comity.exchange.inbound", "comity.exchange.outbound"

MUTANTS = (
    Mutant(
        invariant="I1",
        why="nobody is told that a message came to nothing",
        patches=(
            Patch(
                place="comity.exchange.cases:settled",
                guard="tx.put(task)",
                without="repr(task)",
            ),
        ),
    ),
    Mutant(
        invariant="I1",
        why="a message is told as queued though its outbox row is not in the unit",
        patches=(
            Patch(
                place=f"{_OUTBOUND}:_write_sent",
                guard="tx.insert(row)",
                without="repr(row)",
            ),
        ),
    ),
    Mutant(
        invariant="I2",
        why="a message seen before is filed again",
        patches=(
            Patch(
                place=f"{_INBOUND}:verify",
                guard="if known is not None:",
                without="if False:",
            ),
            Patch(
                place=f"{_INBOUND}:file",
                guard="if known is not None:",
                without="if False:",
            ),
            Patch(
                place=f"{_INBOUND}:_write_filed",
                guard="tx.insert(row)",
                without="tx.put(row)",
            ),
        ),
    ),
    Mutant(
        invariant="I3",
        why="a receipt leaves and its row is not there",
        patches=(
            Patch(
                place=f"{_INBOUND}:_write_filed",
                guard="tx.insert(row)",
                without="repr(row)",
            ),
        ),
    ),
    Mutant(
        invariant="I3",
        why="a receipt is given for other bytes under the same id",
        patches=(
            Patch(
                place=f"{_INBOUND}:_again",
                guard="if known.digest == envelope.digest:",
                without="if True:",
            ),
        ),
    ),
    Mutant(
        invariant="I4",
        why="a restored node signs without comparing with its witnesses",
        patches=(
            Patch(
                place="comity.node.chronicle:_holds",
                guard="return stated.size <= reader.size() and",
                without="return True or",
            ),
        ),
    ),
    Mutant(
        invariant="I5",
        why="the `sent` leaf is left out of the unit that queues",
        patches=(
            Patch(
                place=f"{_OUTBOUND}:_write_sent",
                guard="index = tx.append(made.leaf.encode())",
                without="index = tx.size()",
            ),
        ),
    ),
    Mutant(
        invariant="I5",
        why="a `sent` leaf names no permit",
        patches=(
            Patch(
                place=f"{_OUTBOUND}:log",
                guard="follows=releasable.leaf,",
                without="follows=None,",
            ),
        ),
    ),
    Mutant(
        invariant="I5",
        why="a node speaks for an agency that it does not serve",
        patches=(
            Patch(
                place=f"{_INBOUND}:open_",
                guard="if not (is_served and is_ours):",
                without="if False:",
            ),
        ),
    ),
    Mutant(
        invariant="I6",
        why="two copies are encrypted under one key",
        patches=(
            Patch(
                place="comity.seal.cose:encrypt",
                guard="key, nonce = entropy.take(suite.KEY),",
                without="key, nonce = bytes(suite.KEY),",
            ),
        ),
    ),
    Mutant(
        invariant="I6",
        why="a recipient is shown the others on the release list",
        patches=(
            Patch(
                place="comity.message.handling:Handling.for_reader",
                guard="if self.releasable is None:",
                without="if True:",
            ),
        ),
    ),
    Mutant(
        invariant="I7",
        why="a deadline runs from when the question was made",
        patches=(
            Patch(
                place="comity.exchange.cases:_deadline",
                guard="stored_at=at)",
                without="stored_at=at - 60_000)",
            ),
        ),
    ),
    Mutant(
        invariant="I7",
        why="a message from the future is taken",
        patches=(
            Patch(
                place=f"{_INBOUND}:receive",
                guard="if created > now + AHEAD:",
                without="if False:",
            ),
        ),
    ),
    Mutant(
        invariant="I8",
        why="a stranger makes the ledger grow",
        patches=(
            Patch(
                place=f"{_INBOUND}:verify",
                guard='return reject_stranger(envelope.data, "bad-signature", station)',
                without='return reject(envelope, "bad-signature", station)',
            ),
        ),
    ),
    Mutant(
        invariant="I10",
        why="a revoked key signs on",
        patches=(
            Patch(
                place="comity.trust.member:DatedKey.is_valid",
                guard="return is_sound and",
                without="return",
            ),
        ),
    ),
    Mutant(
        invariant="I10",
        why="a witness cosigns a second history",
        patches=(
            Patch(
                place="comity.ledger.witness:_refused",
                guard="verify_consistency(",
                without="dict(proof=",
            ),
        ),
    ),
    Mutant(
        invariant="I10",
        why="a signature is bound to no federation and no sort of object",
        patches=(
            Patch(
                place="comity.seal.cose:binding",
                guard='return f"comity/v1/{federation}/{sort}".encode()',
                without='return b""',
            ),
        ),
    ),
    Mutant(
        invariant="I9",
        why="a partner has no share of its own, only the common pot",
        patches=(
            Patch(
                place="comity.node.quotas:Quotas.allow",
                guard="for bucket in (own, pot):",
                without="for bucket in (pot,):",
            ),
        ),
    ),
    Mutant(
        invariant="I9",
        why="nobody who floods is asked to wait",
        patches=(
            Patch(
                place=f"{_INBOUND}:verify",
                guard="if wait:",
                without="if False:",
            ),
        ),
    ),
    Mutant(
        invariant="I11",
        why="two roots for one size are not compared",
        patches=(
            Patch(
                place="comity.node.gossip:Gossip._at_once",
                guard="if _stated(held).size == stated.size:",
                without="if False:",
            ),
        ),
    ),
    Mutant(
        invariant="I11",
        why="evidence of a second history is kept and nobody is told",
        patches=(
            Patch(
                place="comity.node.gossip:Gossip.keep",
                guard="self.accuse(tx, origin, digest, Instant(row.at))",
                without="repr(row)",
            ),
        ),
    ),
)
