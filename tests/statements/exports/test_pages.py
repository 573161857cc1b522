"""The way to an export: from the journal's menu and from a statement; never another company's."""

from __future__ import annotations

import pytest
from django.urls import reverse

from statements.exports.formats import FORMATS
from tests.factories import make_company, make_journal, make_line
from tests.pages.elements import read
from tests.sessions import signed_in
from tests.statements.exports.books import hard_journal

pytestmark = pytest.mark.django_db


def test_the_journals_menu_leads_to_the_form_and_the_form_to_a_file() -> None:
    journal = hard_journal()
    client = signed_in(journal.company)
    address = reverse("export_journal", args=[journal.pk])
    assert read(client.get(reverse("line_list", args=[journal.pk])).content).all("a", href=address)
    form = read(client.get(address).content)
    assert [option.attributes["value"] for option in form.labelled("format").all("option")] == list(FORMATS)
    answer = client.get(address, {"format": "csv", "first_day": "2026-01-31", "last_day": "2026-01-31"})
    assert answer.status_code == 200
    assert answer.streaming
    assert answer["Content-Disposition"].endswith('_2026-01-31_2026-01-31.csv"')
    rows = b"".join(answer).decode("utf-8-sig").splitlines()
    assert [row.split(",")[2] for row in rows[1:]] == ["99.99", "-2.80", "-2.80"]


@pytest.mark.parametrize("name", FORMATS)
def test_a_statement_leads_to_each_format(name: str) -> None:
    journal = hard_journal()
    client = signed_in(journal.company)
    statement = journal.statements.order_by("first_day")[0]
    address = reverse("export_statement", args=[statement.pk, name])
    assert read(client.get(reverse("statement", args=[statement.pk])).content).all("a", href=address)
    answer = client.get(address)
    assert answer["Content-Type"] == FORMATS[name].media_type
    assert len(b"".join(answer)) > 300


def test_what_cannot_be_exported_is_a_sentence() -> None:
    journal = make_journal()
    make_line(journal)
    client = signed_in(journal.company)
    address = reverse("export_journal", args=[journal.pk])
    refused = client.get(address, {"format": "ofx"})
    assert refused.status_code == 422
    assert "not known yet" in read(refused.content).one("div", role="alert", tabindex="-1").text
    assert client.get(address, {"format": "doc"}).status_code == 422
    assert client.get(address, {"format": "csv", "first_day": "soon"}).status_code == 422
    backwards = client.get(address, {"format": "csv", "first_day": "2026-02-01", "last_day": "2026-01-01"})
    assert "lies after the last one" in read(backwards.content).text
    statement = journal.statements.get()
    assert client.get(reverse("export_statement", args=[statement.pk, "ofx"])).status_code == 422
    assert client.get(reverse("export_statement", args=[statement.pk, "doc"])).status_code == 404


def test_another_companys_lines_do_not_exist() -> None:
    journal = hard_journal()
    stranger = signed_in(make_company())
    statement = journal.statements.order_by("first_day")[0]
    assert stranger.get(reverse("export_journal", args=[journal.pk])).status_code == 404
    assert stranger.get(reverse("export_journal", args=[journal.pk]), {"format": "csv"}).status_code == 404
    assert stranger.get(reverse("export_statement", args=[statement.pk, "csv"])).status_code == 404
