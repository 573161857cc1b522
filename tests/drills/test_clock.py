"""The clock alone: a connection that is due is fetched though nobody clicks."""

from __future__ import annotations

from collections.abc import Callable

from scripts.installation import Installation
from scripts.waiting import until
from tests.drills.books import ask, booked, last_run, true


def test_beat_starts_a_fetch_of_what_is_due(install: Callable[..., Installation]) -> None:
    installation = install(more={"CLOCK_SECONDS": "1"})
    installation.do_main_job()
    assert last_run(installation)["trigger"] == "link"
    ask(installation, "UPDATE connections_connection SET next_fetch_at = now() RETURNING id")
    until(lambda: last_run(installation)["trigger"] == "clock", 30, what="the clock to start a fetch")
    until(lambda: last_run(installation)["state"] == "done", 60, what="the clock's fetch to end")
    assert last_run(installation)["new"] == 0
    assert booked(installation) == true(installation)
