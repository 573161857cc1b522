"""Import a file, page by page: upload, columns, preview, result; and never another company's."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from statements.models import CsvMapping, ImportFile, Journal, StatementLine
from statements.services import file_import
from tests.factories import make_company, make_journal, make_user
from tests.pages.elements import Element, read
from tests.sessions import signed_in
from tests.statements.imports.reading import sample

pytestmark = pytest.mark.django_db
IBAN = "DE87200500001234567890"


def upload(client: Client, journal: Journal, content: bytes, *, name: str = "bank.txt") -> HttpResponse:
    file = SimpleUploadedFile(name, content)
    return client.post(reverse("import_file", args=[journal.pk]), {"file": file}, follow=True)  # type: ignore[return-value]


def facts(page: Element) -> dict[str, str]:
    """What the lists of facts on a page say, by their terms."""
    return {term.text: value.text for term, value in zip(page.all("dt"), page.all("dd"), strict=True)}


def test_the_way_from_the_journal_to_the_result() -> None:
    journal = make_journal(account_number=IBAN)
    client = signed_in(journal.company)
    lines = read(client.get(reverse("line_list", args=[journal.pk])).content)
    assert lines.all("a", href=reverse("import_file", args=[journal.pk]))
    page = upload(client, journal, sample("statement_02.camt.xml"), name="january.xml")
    preview = read(page.content)
    assert page.status_code == 200
    assert facts(preview)["New"] == "2"
    assert facts(preview)["Not booked by the bank yet"] == "1"
    assert "agrees" in facts(preview)["Balance in the books then"]
    assert preview.one("table").text.count("new") == 2
    assert not StatementLine.objects.exists()

    file = ImportFile.objects.get()
    result = client.post(reverse("import_preview", args=[file.pk]), follow=True)
    assert result.redirect_chain[-1][0] == reverse("import_result", args=[file.pk])
    assert read(result.content).one("h2").text == "2 new lines"
    assert StatementLine.objects.count() == 2
    line = StatementLine.objects.first()
    assert line is not None
    shown = read(client.get(reverse("line", args=[line.pk])).content)
    assert shown.one("a", href=reverse("import_result", args=[file.pk])).text == "january.xml"


def test_the_same_file_again_says_so_and_offers_nothing_to_import() -> None:
    journal = make_journal(account_number=IBAN)
    client = signed_in(journal.company)
    for _ in range(2):
        page = upload(client, journal, sample("statement_02.camt.xml"))
        file = ImportFile.objects.latest("pk")
        if not StatementLine.objects.exists():
            client.post(reverse("import_preview", args=[file.pk]))
    shown = read(page.content)
    assert "This very file was taken in" in shown.text
    assert "The file adds nothing" in shown.text
    assert not [button for button in shown.all("button") if "Import" in button.text]


def test_a_csv_file_asks_for_its_columns_once() -> None:
    journal = make_journal()
    client = signed_in(journal.company)
    asked = upload(client, journal, sample("preamble.csv"))
    file = ImportFile.objects.get()
    assert asked.redirect_chain[-1][0] == reverse("import_columns", args=[file.pk])  # type: ignore[attr-defined]
    page = read(asked.content)
    chosen = {
        name: next(option for option in page.labelled(name).all("option") if "selected" in option.attributes).text
        for name in ("date", "amount", "counterparty", "decimal", "date_order", "delimiter")
    }
    assert chosen == {
        "date": "Buchungsdatum: 03.01.2026",
        "amount": "Betrag (€): -2,80",
        "counterparty": "Empfänger: Bäckerei Huber",
        "decimal": "comma",
        "date_order": "day, month, year",
        "delimiter": "semicolon",
    }
    sent = {"delimiter": ";", "decimal": ",", "date_order": "dmy", "date": "0", "amount": "4", "text": "3"}
    preview = client.post(reverse("import_columns", args=[file.pk]), sent, follow=True)
    shown = facts(read(preview.content))
    assert (shown["New"], shown["Rows without a date, left out"]) == ("3", "1, the first is line 10")
    client.post(reverse("import_preview", args=[file.pk]))
    assert StatementLine.objects.count() == 3
    assert CsvMapping.objects.get().mapping["columns"] == {"date": 0, "amount": 4, "text": 3}
    again = upload(client, journal, sample("preamble.csv").replace(b"05.01.2026", b"06.01.2026"))
    assert facts(read(again.content))["New"] == "1"


def test_another_delimiter_shows_other_columns_first() -> None:
    journal = make_journal()
    client = signed_in(journal.company)
    upload(client, journal, b"a|b,c|d\n1|2,3|4\n")
    file = ImportFile.objects.get()
    address = reverse("import_columns", args=[file.pk])
    page = read(client.post(address, {"delimiter": ",", "decimal": ",", "date_order": "dmy", "date": "0"}).content)
    assert [cell.text for cell in page.one("table").all("th")] == ["a|b", "c|d"]
    refused = client.post(address, {"delimiter": ",", "decimal": ",", "date_order": "dmy", "date": "0"})
    assert refused.status_code == 422
    assert "Say which column has the amount" in read(refused.content).one("div", role="alert", tabindex="-1").text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"%PDF-1.7", "Line 1: this is a PDF"),
        (sample("statement_02.camt.xml").replace(b"3265.10", b"x"), "Line 24: the amount “x” is not a number."),
    ],
)
def test_a_broken_file_is_named_with_its_line(content: bytes, sentence: str) -> None:
    journal = make_journal(account_number=IBAN)
    page = upload(signed_in(journal.company), journal, content)
    assert page.status_code == 422
    assert sentence in read(page.content).one("div", role="alert", tabindex="-1").text


@pytest.mark.parametrize("data", [{}, {"file": SimpleUploadedFile("a.csv", b"")}])
def test_no_file_at_all_is_a_sentence_too(data: dict[str, SimpleUploadedFile]) -> None:
    journal = make_journal()
    page = signed_in(journal.company).post(reverse("import_file", args=[journal.pk]), data)
    assert page.status_code == 422
    assert "file" in read(page.content).one("ul", class_="errorlist").text


def test_another_accounts_file_can_be_confirmed() -> None:
    journal = make_journal(account_number="BE71096123456769")
    client = signed_in(journal.company)
    refused = upload(client, journal, sample("statement_02.camt.xml"))
    assert refused.status_code == 422
    assert read(refused.content).one("a", href="?any_account=yes").text == "It is right all the same"
    file = ImportFile.objects.get()
    address = reverse("import_preview", args=[file.pk])
    assert client.post(address).status_code == 422
    page = read(client.get(f"{address}?any_account=yes").content)
    assert page.labelled("any_account").attributes["value"] == "yes"
    client.post(address, {"any_account": "yes"})
    assert StatementLine.objects.count() == 2


@pytest.mark.parametrize("name", ["import_preview", "import_columns", "import_result"])
def test_a_file_of_another_company_does_not_exist(name: str) -> None:
    journal = make_journal(account_number=IBAN)
    file = file_import.upload(journal, sample("statement_02.camt.xml"), file_name="a", person=make_user())
    stranger = signed_in(make_company())
    assert stranger.get(reverse(name, args=[file.pk])).status_code == 404
    assert stranger.post(reverse("import_preview", args=[file.pk])).status_code == 404
    assert stranger.get(reverse("import_file", args=[journal.pk])).status_code == 404
    assert not StatementLine.objects.exists()
