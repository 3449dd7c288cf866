"""People: who leaves hands back what was theirs, and is still named where they acted."""

import pytest
from tests.scenarios.stage import A, a_world, ask, case_of, tasks

from comity.core.errors import AuthorisationError
from comity.desk import Actor


def test_a_closed_account_hands_its_tasks_back_and_keeps_its_name() -> None:
    world = a_world()
    there = world.residents[A]
    people = there.desk.people
    first = people.begin("Ada Admin")
    admin = Actor(person=first, seats=frozenset({"admin"}), session="test")
    officer = people.enrol(admin, "Olga Officer")
    people.grant(admin, officer, "officer")
    case = case_of(there, ask(world).mid)
    there.desk.reading.assign(there.actor("supervisor"), case, person=officer)
    held = there.desk.reading.case(there.actor("officer"), case).tasks
    assert [task.person for task in held] == [officer] * len(held) != []
    token = people.sign_in(people.first_link(officer))
    with pytest.raises(AuthorisationError):
        people.disable(there.actor("supervisor"), officer)
    people.disable(admin, officer)
    held = there.desk.reading.case(there.actor("officer"), case).tasks
    assert {task.person for task in held} == {None}
    assert people.session(token) is None
    names = there.store.read(people.names)
    assert names == {first: "Ada Admin", officer: "Olga Officer"}
    assert tasks(there, "comply") == []
