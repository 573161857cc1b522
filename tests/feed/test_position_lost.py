"""A position that the proxy can no longer open costs a longer fetch, and nothing else."""

from __future__ import annotations

import pytest

from connections.models import Account
from statements.models import ReviewItem, StatementLine
from tests.feed.pretend import FarSide, connected
from tests.feed.test_fetching import assert_books_are_true, fetch

pytestmark = pytest.mark.django_db


def test_an_account_is_read_from_its_beginning_and_nothing_comes_twice(far: FarSide) -> None:
    connection = connected(far, "Demo Business Bank")
    fetch(connection)
    lines = StatementLine.objects.count()
    Account.objects.filter(connection=connection).update(
        position="v1.00000000.c2VhbGVkIHdpdGggYSBrZXkgdGhhdCBpcyBnb25l"
    )
    far.move_clock(days=3)
    run = fetch(connection)
    assert run.state == "done"
    assert run.seen >= lines
    assert StatementLine.objects.count() == lines + run.new
    assert not ReviewItem.objects.open().exists()
    assert_books_are_true(far, connection)
    assert not Account.objects.filter(connection=connection, position__startswith="v1.00000000.").exists()
