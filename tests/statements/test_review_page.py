"""The review page: decisions as plain forms, refusals as sentences, nothing of another company's."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from statements.models import Journal, ReviewItem
from tests.factories import make_company, make_journal, make_line
from tests.sessions import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/review/"


def make_item(journal: Journal, kind: str = "changed", **fields: object) -> ReviewItem:
    number = ReviewItem.objects.count()
    line = make_line(journal) if kind in {"changed", "removed", "suspected"} else None
    facts = {"booking_date": "2026-01-01", "amount": "10.00", "currency": "EUR"}
    values = {
        "line": line,
        "transaction_id": line.transaction_id if line else f"t{number}",
        "before": facts if kind in {"changed", "removed"} else {},
        "after": {} if kind == "removed" else {**facts, "amount": "12.00"},
        "fingerprint": f"f{number}",
    }
    return ReviewItem.objects.create(journal=journal, kind=kind, **{**values, **fields})


def decide(client: Client, item: ReviewItem, decision: str) -> int:
    return client.post(reverse("decide", args=[item.pk]), {"decision": decision}).status_code


@pytest.mark.parametrize("kind", ["changed", "removed", "locked", "currency", "suspected"])
def test_every_kind_is_shown_with_its_decisions(kind: str) -> None:
    journal = make_journal()
    make_item(journal, kind)
    response = signed_in(journal.company).get(PAGE)
    assert response.status_code == 200
    (card,) = response.context["cards"]
    assert card["why"]
    assert len(card["options"]) == 2
    keys = [option.key for option in card["options"]]
    assert len(set(keys)) == len(keys)
    for option in card["options"]:
        assert f'value="{option.decision}" data-key="{option.key}"' in response.content.decode()


def test_a_decision_is_made_and_taken_back() -> None:
    journal = make_journal()
    item = make_item(journal)
    client = signed_in(journal.company)
    assert decide(client, item, "keep") == 302
    response = client.get(PAGE)
    assert (response.context["cards"], len(response.context["decided"])) == ([], 1)
    assert client.post(reverse("undo_decision", args=[item.pk])).status_code == 302
    item.refresh_from_db()
    assert (item.decision, item.decided_at) == ("", None)


def test_what_cannot_be_decided_is_a_sentence() -> None:
    journal = make_journal()
    item = make_item(journal)
    client = signed_in(journal.company)
    response = client.post(reverse("decide", args=[item.pk]), {"decision": "book"})
    assert response.status_code == 422
    assert response.context["problem"].endswith(".")
    response = client.post(reverse("undo_decision", args=[item.pk]))
    assert (response.status_code, response.context["problem"][-1]) == (422, ".")


def test_another_companys_item_does_not_exist() -> None:
    item = make_item(make_journal())
    stranger = signed_in(make_company())
    assert decide(stranger, item, "keep") == 404
    assert stranger.post(reverse("undo_decision", args=[item.pk])).status_code == 404
    assert stranger.get(PAGE).context["cards"] == []


def test_the_page_costs_the_same_however_much_waits() -> None:
    journal = make_journal()
    client = signed_in(journal.company)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(PAGE)
        return len(captured)

    make_item(journal)
    decide(client, make_item(journal), "keep")
    few = queries()
    for _number in range(8):
        make_item(journal)
        decide(client, make_item(journal), "keep")
    assert queries() == few
