"""Requests for information: one partner asks, the other answers or refuses in time."""

from comity.practice import Practice
from comity.practices.requests.kinds import KINDS
from comity.practices.requests.pages import FORMS, PAGES
from comity.practices.requests.states import CLOSED, DUTIES, INTERIM, STEPS, TIMERS

PRACTICE = Practice(
    name="requests",
    command="request",
    kinds=KINDS,
    initial="none",
    steps=STEPS,
    closed=CLOSED,
    duties=DUTIES,
    timers=TIMERS,
    interim=INTERIM,
    pages=PAGES,
    forms=FORMS,
)

__all__ = ["PRACTICE"]
