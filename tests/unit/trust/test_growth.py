"""A federation grows by declared steps, and no office holds a veto."""

from dataclasses import replace

import pytest
from tests.unit.trust.builders import NOW, Federation, own_keys, public, signed

from comity.core.clock import DAY, Instant
from comity.core.errors import VerificationError
from comity.core.ids import MemberId
from comity.trust import (
    SILENCE_NOTICE,
    Directory,
    Noted,
    Record,
    Recorded,
    Records,
    Step,
    declared_steps,
    make_root,
    step_for,
    verify_directory,
)
from comity.trust.metadata import Root, digest_of, load

TWO = ("xa", "xn")
STEPS = declared_steps(9)


def small() -> Federation:
    members = tuple(MemberId(name) for name in TWO)
    return Federation(
        founders=TWO,
        root_signers=("root-xa", "root-xn", "oversight"),
        targets_signers=("root-xa", "root-xn", "oversight"),
        keys={member: own_keys(member) for member in members},
        signers={member: (f"{member}-0", f"{member}-1") for member in members},
        steps=STEPS,
    )


def announced(data: bytes, *, ago: int) -> Records:
    payload = load(data, Root, where="root").payload
    record = Record(sort=Recorded.SILENCE, at=NOW, digest=digest_of(payload))
    return Records((Noted(record=record, seen=Instant(NOW - ago)),))


def verified(built: Federation, files: dict[str, bytes], records: Records) -> Directory:
    return verify_directory(files, root=built.root(), at=NOW, records=records)


@pytest.mark.parametrize(
    ("members", "quorum", "suspension", "silent"),
    [(2, 2, 2, 2), (3, 2, 2, 3), (4, 3, 2, 4), (6, 4, 2, 5), (9, 6, 3, 8), (12, 8, 4, 11)],
)
def test_the_customary_steps(members: int, quorum: int, suspension: int, silent: int) -> None:
    step = step_for(members)
    assert (step.quorum, step.suspension, step.silent) == (quorum, suspension, silent)
    step.check()


def test_no_member_holds_a_veto_from_three_members_on() -> None:
    assert all(step.quorum < step.members for step in declared_steps(30) if step.members > 2)


@pytest.mark.parametrize(
    "change", [{"quorum": 1}, {"quorum": 7}, {"suspension": 1}, {"silent": 2}, {"bodies": 0}]
)
def test_a_step_by_which_few_act_for_many_is_refused(change: dict[str, int]) -> None:
    with pytest.raises(VerificationError, match="unfair"):
        replace(step_for(6), **change).check()


def test_a_network_starts_with_two_members_and_one_oversight_seat() -> None:
    built = small()
    assert verified(built, built.files(), Records()).members() == TWO


def test_a_federation_without_a_declared_step_for_it_is_refused() -> None:
    with pytest.raises(VerificationError, match="no step is declared"):
        make_root(replace(small().root_plan(), steps=(step_for(5),)))


def test_nine_members_list_several_oversight_bodies() -> None:
    names = {MemberId(f"m{number}"): public(f"root-m{number}") for number in range(9)}
    plan = replace(small().root_plan(), founders=names)
    with pytest.raises(VerificationError, match="fewer than 2 oversight"):
        make_root(plan)


def test_the_next_root_has_the_quorum_declared_before() -> None:
    built = small()
    three = {MemberId(name): public(f"root-{name}") for name in ("xa", "xc", "xn")}
    signers = ("root-xa", "root-xn", "root-xc", "oversight")
    plan = replace(built.root_plan(), founders=three)
    second = signed(make_root(plan, previous=built.root()), *signers)
    files = {**built.files(), "metadata/2.root.json": second}
    assert verified(built, files, Records()).seen.root == 2
    harder = replace(plan, quorum=3, steps=())
    coup = signed(make_root(harder, previous=built.root()), *signers)
    with pytest.raises(VerificationError, match="2 of 3 members were declared"):
        verified(built, {**files, "metadata/2.root.json": coup}, Records())


def alone(*names: str) -> tuple[Federation, dict[str, bytes], bytes]:
    """Members rotate root and no oversight body answers."""
    built = small()
    draft = make_root(built.root_plan(), previous=built.root())
    second = signed(draft, *names)
    return built, {**built.files(), "metadata/2.root.json": second}, second


def test_oversight_that_does_not_answer_for_thirty_days_is_no_veto() -> None:
    built, files, second = alone("root-xa", "root-xn")
    records = announced(second, ago=SILENCE_NOTICE)
    assert verified(built, files, records).seen.root == 2


def test_acting_without_oversight_unannounced_is_refused() -> None:
    built, files, second = alone("root-xa", "root-xn")
    unseen = announced(second, ago=0).noted[0]
    for records in (
        Records(),
        announced(second, ago=SILENCE_NOTICE - DAY),
        announced(files["metadata/1.root.json"], ago=SILENCE_NOTICE),
        Records((replace(unseen, seen=None),)),
    ):
        with pytest.raises(VerificationError, match="no oversight key"):
            verified(built, files, records)


def test_one_member_cannot_act_alone_however_long_it_was_announced() -> None:
    built, files, second = alone("root-xa")
    with pytest.raises(VerificationError, match="signed by 1"):
        verified(built, files, announced(second, ago=90 * DAY))


def test_a_federation_that_declared_no_steps_never_acts_without_oversight() -> None:
    names = tuple(f"m{number}" for number in range(4))
    signers = tuple(f"root-{name}" for name in names)
    built = Federation(founders=names, root_signers=(*signers, "oversight"))
    built.targets_signers = built.root_signers
    second = signed(make_root(built.root_plan(), previous=built.root()), *signers)
    files = {**built.files(), "metadata/2.root.json": second}
    with pytest.raises(VerificationError, match="no oversight key"):
        verified(built, files, announced(second, ago=90 * DAY))


def test_a_step_says_all_it_needs() -> None:
    assert Step(members=2, quorum=2, suspension=2, silent=2).bodies == 1
