"""Policies: who must have seen a checkpoint, and files that say it badly."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.ledger.ground import Ground

from comity.core.errors import InvalidInputError
from comity.ledger import KeyType, Note, Policy, Signer, cosign, open_note, parse_policy

GROUND = Ground().grow(4)
NAMES = ("a", "b", "c", "d")
KEYS = {name: GROUND.signer(f"witness.example/{name}") for name in NAMES}
OVERSIGHT = GROUND.signer("oversight.example", KeyType.ML_DSA_44)
LINES = [
    "# three of four states and the oversight body",
    f"log {GROUND.log.verifier.text} https://n1.example/log",
    *(f"witness {name} {KEYS[name].verifier.text}" for name in NAMES),
    "",
    f"\twitness oversight  {OVERSIGHT.verifier.text}",
    "group states 3 a b c d",
    "group both all states oversight",
    "quorum both ",
]
POLICY = parse_policy("\n".join(LINES).encode())


def met(policy: Policy, *signers: Signer) -> bool:
    """Ask whether these cosigners satisfy the policy."""
    opened = open_note(GROUND.note(*signers), policy.verifiers, verify=GROUND.verify)
    return policy.is_met(opened)


def test_a_quorum_of_groups_is_counted() -> None:
    a, b, c, d = KEYS.values()
    assert met(POLICY, a, b, c, OVERSIGHT)
    assert met(POLICY, b, c, d, OVERSIGHT)
    assert not met(POLICY, a, b, c, d)
    assert not met(POLICY, a, b, OVERSIGHT)
    assert not met(POLICY)


def test_one_witness_that_signs_twice_counts_once() -> None:
    a, b, _, _ = KEYS.values()
    assert not met(POLICY, a, a, b, OVERSIGHT)


def test_a_quorum_may_be_one_witness_any_or_none() -> None:
    a, b, _, _ = KEYS.values()
    head = LINES[1:6]
    assert met(parse_policy("\n".join([*head, "quorum a"]).encode()), a)
    assert not met(parse_policy("\n".join([*head, "quorum a"]).encode()), b)
    assert met(parse_policy("\n".join([*head, "group g any a b", "quorum g"]).encode()), b)
    assert met(parse_policy("\n".join([*head, "quorum none"]).encode()))
    assert met(parse_policy(b"quorum none\n"))


def test_a_log_that_is_not_listed_does_not_count() -> None:
    other = GROUND.signer("exercise/log/other/1", KeyType.ED25519).verifier
    assert not met(parse_policy(f"log {other.text}\nquorum none".encode()))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("quorum both", ""),
        ("quorum both", "quorum both\nquorum both"),
        ("quorum both", "quorum nobody"),
        ("quorum both", "quorum both extra"),
        ("quorum both", "witness late"),
        ("group states 3", "group states 0"),
        ("group states 3", "group states 5"),
        ("group states 3", "group states -1"),
        ("group states 3", "group states \u0663"),
        ("group states 3", "group states 9999999"),
        ("group states 3 a b c d", "group states all"),
        ("group states 3 a b c d", "group states 1 none"),
        ("group states 3 a b c d", "group states 2 a a b"),
        ("group states 3", "group a 3"),
        ("group states 3", "group none 3"),
        ("all states oversight", "all states oversight a"),
        ("all states", "all both"),
        ("witness b", "witness a"),
        ("witness oversight", "log"),
        ("# three", "three"),
        ("# three", "# \x00"),
        ("# three", "# \x7f"),
        ("witness a", "witness z"),
        ("\n", "\r\n"),
    ],
)
def test_a_policy_that_says_two_things_or_nothing_is_refused(old: str, new: str) -> None:
    text = "\n".join(LINES)
    assert old in text
    with pytest.raises(InvalidInputError):
        parse_policy(text.replace(old, new).encode())


def test_the_same_key_twice_or_of_the_wrong_kind_is_refused() -> None:
    log, witness = GROUND.log.verifier, KEYS["a"].verifier
    again = GROUND.signer("witness.example/a").verifier
    for lines in (
        f"log {log.text}\nlog {log.text}",
        f"witness a {witness.text}\nwitness b {again.text}",
        f"log {witness.text}",
        f"witness a {log.text}",
    ):
        with pytest.raises(InvalidInputError):
            parse_policy(f"{lines}\nquorum none\n".encode())


def test_two_and_thirty_of_each_are_read() -> None:
    lines = [
        f"log {GROUND.signer(f'log{n}', KeyType.ED25519).verifier.text}" for n in range(32)
    ]
    lines += [f"witness w{n} {GROUND.signer(f'w{n}').verifier.text}" for n in range(32)]
    lines += [f"group g{n} any w{n}" for n in range(32)]
    policy = parse_policy("\n".join([*lines, "quorum g31"]).encode())
    assert (len(policy.logs), len(policy.witnesses), len(policy.groups)) == (32, 32, 32)


KEYWORDS = ["quorum", "none", "group", "any", "all", "1", "a", "b", "#", "+"]
WORDS = [*LINES[1].split(), *LINES[2].split(), *KEYWORDS]


@given(st.lists(st.sampled_from([*WORDS, "\n", "\n", "\n"]), max_size=30))
def test_arbitrary_words_are_read_or_refused(words: list[str]) -> None:
    try:
        assert len(parse_policy(" ".join(words).encode()).verifiers) <= 2
    except InvalidInputError:
        return


def test_a_quorum_has_seen_it_when_its_last_needed_witness_has() -> None:
    a, b, c, d = KEYS.values()
    times = {a: 50, b: 20, c: 30, d: 90, OVERSIGHT: 10}
    checkpoint = GROUND.checkpoint()
    lines = [cosign(checkpoint, key, at=at) for key, at in times.items()]
    lines.append(cosign(checkpoint, GROUND.log, at=1))
    note = Note(text=checkpoint.body(), signatures=tuple(lines)).encode()
    opened = open_note(note, POLICY.verifiers, verify=GROUND.verify)
    assert POLICY.met_at(opened) == 50
    assert POLICY.met_at(replace(opened, seen=opened.seen[1:])) == 90
    assert POLICY.met_at(replace(opened, seen=opened.seen[2:])) is None


def test_a_policy_without_witnesses_is_met_at_once() -> None:
    policy = parse_policy(b"quorum none\n")
    assert policy.met_at(open_note(GROUND.note(), (), verify=GROUND.verify)) == 0
