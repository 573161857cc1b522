"""Every page of the app with something on it: who opens it, and where it is; and why an address is no page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from companies import unsent
from companies.models import Company, User
from companies.services import invitations
from connections.models import Connection, Institution
from connections.services import renewals
from connections.views.phone import AGREED
from statements.models import ImportFile, ReviewItem
from statements.services import archiving, file_import, manual
from tests.browser.searches import of_searches
from tests.factories import (
    make_account,
    make_attempt,
    make_company,
    make_connection,
    make_institution,
    make_journal,
    make_line,
    make_registration,
    make_run,
    make_user,
)
from tests.pages.books import TODAY, Books, make_books, make_failed
from tests.sessions import browser_of
from tests.statements.imports.reading import sample

# Addresses that answer to GET and are no page of the app.
NO_PAGES = {
    "health_live": "for machines",
    "health_ready": "for machines",
    "health_feeds": "for machines",
    "metrics": "for machines",
    "settings": "leads on to the first of its pages",
    "updated": "leads on to the connection",
    "renewal_return": "leads on from the bank's page; what it shows is the page of the link",
    "export_statement": "a file",
    "support_bundle": "a file",
}
# What the provider said of a line, for people who look for a fault.
RAW = '{"id": "abc", "a_name_without_a_place_to_break": "' + "x" * 120 + '"}'


@dataclass(frozen=True)
class World:
    """The rows that the pages are about. ``cookies`` are the sessions of those who look, by who they are."""

    books: Books
    rows: dict[str, int | str]
    cookies: dict[str, str]


@dataclass(frozen=True)
class Visit:
    """One look at one page: the name of its address, who looks, and the address in a world."""

    name: str
    who: str
    address: Callable[[World], str]


def of_row(name: str, row: str, *, who: str = "accountant", query: str = "") -> Visit:
    """The page of one of the world's rows."""
    return Visit(name, who, lambda world: reverse(name, args=[world.rows[row]]) + query)


def general(name: str, *, who: str = "accountant", query: str = "") -> Visit:
    """A page that needs no row."""
    return Visit(name, who, lambda world: reverse(name) + query)


VISITS = {
    "sign in": general("login", who="nobody"),
    "language": general("choose_language", who="nobody"),
    "forgotten password": general("password_reset", who="nobody"),
    "forgotten password, sent": general("password_reset_done", who="nobody"),
    "new password": Visit(
        "password_reset_confirm",
        "nobody",
        lambda world: reverse("password_reset_confirm", args=[world.rows["uid"], world.rows["reset"]]),
    ),
    "new password, a dead link": Visit(
        "password_reset_confirm", "nobody", lambda world: reverse("password_reset_confirm", args=["MQ", "dead"])
    ),
    "new password, kept": general("password_reset_complete", who="nobody"),
    "not sent yet": general("unsent", who="interrupted"),
    "invitation": of_row("invitation", "invitation", who="nobody"),
    "invitation of somebody known": of_row("invitation", "invitation of somebody known", who="nobody"),
    "invitation of somebody else": of_row("invitation", "invitation"),
    "invitation, a dead link": Visit("invitation", "nobody", lambda world: reverse("invitation", args=["dead"])),
    "renewal": of_row("renew", "renewal", who="nobody"),
    "renewal, a dead link": Visit("renew", "nobody", lambda world: reverse("renew", args=["dead"])),
    "institutions": general("institutions", who="nobody"),
    "institutions of a country": Visit(
        "institutions_of", "nobody", lambda _world: reverse("institutions_of", args=["be"])
    ),
    "institutions, found": general("institutions", who="nobody", query="?q=books"),
    "no company": general("dashboard", who="stranger"),
    "dashboard": general("dashboard"),
    "dashboard, empty": general("dashboard", who="beginner"),
    "dashboard, blocked": general("dashboard", who="blocked"),
    "access": general("access"),
    "access, blocked": general("access", who="blocked"),
    "connect, not yet looked for": general("connect"),
    "connect": general("connect", query="?q=bank"),
    "connect, nothing found": general("connect", query="?q=zzzzqqqq"),
    "connect, the bank": of_row("connect_start", "institution"),
    "connect, some kinds of account": of_row("connect_start", "narrow institution", query="?kind=cards"),
    "connect, the first bank": of_row("connect_start", "institution", who="beginner"),
    "connect, the code": of_row("connect_phone", "institution", who="unconfirmed"),
    "attempt": of_row("attempt", "attempt that waits"),
    "attempt, failed": of_row("attempt", "attempt that failed"),
    "attempt, come back": of_row("attempt_return", "attempt that failed"),
    "link accounts": of_row("link_accounts", "attempt"),
    "linked": of_row("link_done", "attempt"),
    "connections": general("connection_list"),
    "connections, empty": general("connection_list", who="beginner"),
    "connection": of_row("connection", "connection"),
    "connection, as a developer": of_row("connection", "connection", who="admin"),
    "connection, broken": of_row("connection", "broken connection"),
    "connection, disconnected": of_row("connection", "disconnected connection"),
    "connection, legacy": of_row("connection", "legacy connection"),
    "disconnect": of_row("disconnect", "connection", who="admin"),
    "delete a connection": of_row("delete_connection", "disconnected connection", who="admin"),
    "run": of_row("run", "run"),
    "run, failed": of_row("run", "failed run"),
    "undo a fetch": of_row("undo_fetch", "run"),
    "journals": general("journal_list"),
    "journals, empty": general("journal_list", who="beginner"),
    "new journal": general("new_journal"),
    "lines": of_row("line_list", "journal"),
    "lines, one beside": Visit(
        "line_list",
        "accountant",
        lambda world: reverse("line_list", args=[world.rows["journal"]]) + f"?line={world.rows['line']}",
    ),
    "lines, nothing found": of_row("line_list", "journal", query="?q=nobody"),
    "lines, empty": of_row("line_list", "empty journal"),
    "journal's settings": of_row("edit_journal", "journal"),
    "archive a journal": of_row("archive_journal", "journal"),
    "lines, archived": of_row("line_list", "archived journal"),
    "add a line": of_row("add_line", "journal"),
    "opening balance": of_row("opening", "journal"),
    "removed lines": of_row("removed_list", "journal"),
    "line by hand": of_row("line", "line by hand"),
    "read from": of_row("read_from", "journal"),
    "missing": of_row("missing", "journal"),
    "missing, being asked": of_row("missing", "asked journal"),
    "missing, not answered": of_row("missing", "refused journal"),
    "missing, looked for": of_row("missing", "empty journal", query="?since=2026-01-01"),
    "duplicates": of_row("duplicates", "journal", query="?since=2020-01-01"),
    "import": of_row("import_file", "journal"),
    "import, columns": of_row("import_columns", "csv file"),
    "import, preview": of_row("import_preview", "camt file"),
    "import, result": of_row("import_result", "imported file"),
    "export": of_row("export_journal", "journal"),
    "line": of_row("line", "line"),
    "line, as a developer": of_row("line", "line", who="admin"),
    "statements": general("statement_list"),
    "statements of a journal": Visit(
        "statement_list", "accountant", lambda world: reverse("statement_list") + f"?journal={world.rows['journal']}"
    ),
    "balance": of_row("balance_proof", "journal"),
    "statements, empty": general("statement_list", who="beginner"),
    "statement": of_row("statement", "statement"),
    "lines, long words": of_row("line_list", "journal of long words"),
    "statement, long words": of_row("statement", "statement of long words"),
    "connection, long words": of_row("connection", "connection of long words"),
    "group anew": of_row("regroup", "journal", query="?period=quarter"),
    "review": general("review_list"),
    "review, empty": general("review_list", who="beginner"),
    "company": general("company_settings", who="admin"),
    "company, to read": general("company_settings"),
    "people": general("people", who="admin"),
    "people, to read": general("people"),
    "remove somebody": of_row("remove_person", "membership", who="admin"),
    "journals among the settings": general("journal_settings"),
    "journals among the settings, empty": general("journal_settings", who="beginner"),
    "notifications": general("notifications"),
    "profile": general("profile"),
    "password": general("change_password"),
}


def make_world() -> World:
    """All of it, in the database that is there."""
    books = make_books(2)
    _register(books.company, "active")
    admin = make_user("admin@books.example", company=books.company, role="admin")
    User.objects.filter(pk=admin.pk).update(is_developer=True)
    rows = {
        **_of_books(books),
        **_of_connections(books),
        **_of_attempts(books),
        **_of_long_words(books),
        **_of_files(books),
        **of_searches(books),
        **_tokens(books, admin),
    }
    return World(books, rows, _cookies(books, admin, institution=int(rows["institution"])))


def _of_books(books: Books) -> dict[str, int | str]:
    journal = books.journal
    type(books.line).objects.filter(pk=books.line.pk).update(
        raw=RAW, remittance="Invoice 2026-0815 " * 12, counterparty_account="BE71096123456769"
    )
    for kind in ReviewItem.Kind.values:
        facts = {"booking_date": "2026-11-03", "amount": "-12.50", "currency": "EUR", "remittance": "Rent of November"}
        has_line = kind in {"changed", "removed", "suspected"}
        ReviewItem.objects.create(
            journal=journal,
            kind=kind,
            line=books.line if has_line else None,
            transaction_id=kind,
            fingerprint=kind,
            before=facts if kind in {"changed", "removed"} else {},
            after={} if kind == "removed" else {**facts, "amount": "-21.50"},
        )
    for _ in range(2):
        make_line(journal, "-9.90", day=TODAY, counterparty_name="Twice Ltd", remittance="The same twice")
    by_hand = make_journal(books.company, name="By hand")
    line = manual.add(by_hand, booking_date=TODAY, amount=Decimal("5.00"), counterparty_name="Cash")
    gone = manual.add(journal, booking_date=TODAY, amount=Decimal("7.00"), counterparty_name="Gone")
    manual.remove(gone, person=books.person)
    membership = books.company.memberships.get(user=books.person)
    archived = archiving.archive(make_journal(books.company, name="Closed"), person=books.person)
    return {
        "journal": journal.pk,
        "archived journal": archived.pk,
        "empty journal": make_journal(books.company, name="Empty").pk,
        "line": books.line.pk,
        "line by hand": line.pk,
        "statement": books.line.statement_id,
        "run": books.run.pk,
        "membership": membership.pk,
    }


def _of_connections(books: Books) -> dict[str, int | str]:
    failed = {"error_code": "consent_expired", "error_message": "The bank asks for a new sign-in."}
    failed |= {"error_action": "update_credentials", "error_reference": "7F3K-21QX"}
    soon = timezone.now() + dt.timedelta(days=6)
    status = Connection.Status
    broken = make_connection(
        books.company, status=status.ACTION_REQUIRED, consent_expires_at=soon, account_kinds=["cards"], **failed
    )
    make_journal(books.company, account=make_account(broken), name="Broken")
    Connection.objects.filter(pk=books.connection.pk).update(consent_expires_at=soon)
    failed_run = make_run(broken, state="failed", reason="consent_expired", **failed)
    legacy = make_connection(books.company, status=status.LEGACY, reference=None)
    make_account(legacy)
    return {
        "connection": books.connection.pk,
        "broken connection": broken.pk,
        "disconnected connection": make_connection(books.company, status=status.DISCONNECTED).pk,
        "legacy connection": legacy.pk,
        "failed run": failed_run.pk,
        "institution": books.connection.institution_id,
        "narrow institution": _narrow_institution().pk,
    }


def _narrow_institution() -> Institution:
    """One that can be asked for some kinds of account only, and is listed for companies too."""
    narrow = {"account_kinds": ["current", "savings", "cards"], "can_narrow": True, "holder_types": ["personal"]}
    make_institution(name="Narrow Bank Business")
    return make_institution(name="Narrow Bank", capabilities=narrow)


def _of_long_words(books: Books) -> dict[str, int | str]:
    """Names and texts without a place to break, and the largest amounts."""
    bank = make_institution(
        name="Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbank " + "und Raiffeisenkasse " * 3
    )
    connection = make_connection(books.company, institution=bank)
    account = make_account(connection, name="Bahnhofstraßenzweigniederlassungsgirokonto", currency="KWD")
    most = Decimal("-99999999999.999")
    journal = make_journal(account=account, name=account.name, currency="KWD", bank_balance=-most)
    line = make_line(journal, str(most), day=TODAY, counterparty_name="x" * 120, remittance="y" * 200)
    make_run(connection, state="failed", reason="other", error_message="z" * 200)
    return {
        "journal of long words": journal.pk,
        "statement of long words": line.statement_id,
        "connection of long words": connection.pk,
    }


def _of_attempts(books: Books) -> dict[str, int | str]:
    waits = make_attempt(books.person, books.company, institution=books.connection.institution)
    return {
        "attempt": str(books.attempt.pk),
        "attempt that waits": str(waits.pk),
        "attempt that failed": str(make_failed(books).pk),
    }


def _of_files(books: Books) -> dict[str, int | str]:
    journal = make_journal(books.company, name="Of files", account_number="DE87200500001234567890")

    def brought(name: str, into: str) -> ImportFile:
        return file_import.upload(journal, sample(name), file_name=into, person=books.person)

    csv, camt = brought("preamble.csv", "bank.csv"), brought("statement_02.camt.xml", "january.xml")
    taken = brought("statement_02.camt.xml", "taken.xml")
    file_import.take(taken, person=books.person)
    return {"csv file": csv.pk, "camt file": camt.pk, "imported file": taken.pk}


def _tokens(books: Books, admin: User) -> dict[str, int | str]:
    forgetful = make_user("forgetful@books.example")
    # A link is for the permission as it stands: one of another end has been renewed since.
    books.connection.refresh_from_db()
    known = invitations.invite(books.company, forgetful.email, role="admin", by=admin)
    new = invitations.invite(books.company, "new@books.example", role="accountant", by=admin)
    return {
        "uid": urlsafe_base64_encode(force_bytes(forgetful.pk)),
        "reset": default_token_generator.make_token(forgetful),
        "invitation": invitations.token_of(new),
        "invitation of somebody known": invitations.token_of(known),
        "renewal": renewals.make_link(books.connection, books.person, timezone.now()),
    }


def _cookies(books: Books, admin: User, *, institution: int) -> dict[str, str]:
    people = {
        "accountant": books.person,
        "admin": admin,
        "stranger": make_user("stranger@books.example"),
        "beginner": make_user(company=make_company(name="Beginners")),
        "blocked": _refused("blocked"),
        "unconfirmed": _refused("unconfirmed"),
        "interrupted": make_user(company=make_company(name="Interrupted")),
    }
    cookies = {}
    for who, person in people.items():
        browser = browser_of(person)
        if who == "unconfirmed":
            session = browser.session
            session[AGREED] = institution
            session.save()
        if who == "interrupted":
            session = browser.session
            session[unsent.SESSION_KEY] = [reverse("new_journal"), [["name", "Petty cash"]]]
            session.save()
        cookies[who] = browser.cookies[settings.SESSION_COOKIE_NAME].value
    return cookies


def _refused(status: str) -> User:
    """Somebody whose company the proxy refuses."""
    company = make_company(name=f"Company {status}")
    _register(
        company,
        status,
        refusal_code=f"client_{status}",
        refusal_message="Something unusual was seen.",
        refusal_reference="7F3K-21QX",
        refused_at=timezone.now(),
    )
    make_connection(company, institution=make_institution(name="Bank of the refused"))
    return make_user(company=company)


def _register(company: Company, status: str, **fields: Any) -> None:
    make_registration(company, client_id=f"client-{company.pk}", status=status, phone_hint="+32 ··· ·· 56", **fields)
