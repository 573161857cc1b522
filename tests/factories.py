"""Makes rows for tests: name only what matters to the test, everything else has a plain value."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

from django.utils import timezone

from companies.models import Company, Membership, User
from connections.models import Account, Connection, Institution, LinkAttempt, ProxyRegistration
from connections.search_index import index
from providers import signing
from providers.types import BalanceData, CounterpartyData, TransactionData
from statements.models import Journal, Statement, StatementLine, SyncRun
from statements.periods import period_of

PASSWORD = "a-password-for-tests"
_numbers = itertools.count(1)


def make_user(email: str = "", *, company: Company | None = None, role: str = "accountant") -> User:
    """A person who can sign in with ``PASSWORD``; a member of ``company`` when one is given."""
    user = User.objects.create_user(email or f"person{next(_numbers)}@example.com", password=PASSWORD)
    user.save()
    if company is not None:
        Membership.objects.create(company=company, user=user, role=role)
    return user


def make_company(**fields: Any) -> Company:
    return Company.objects.create(**{"name": f"Company {next(_numbers)}", **fields})


def make_institution(**fields: Any) -> Institution:
    number = next(_numbers)
    values: dict[str, Any] = {"identifier": f"plaid:ins_{number}", "name": f"Bank {number}", "country": "BE"}
    values["provider"] = "plaid"
    values.update(fields)
    values.setdefault("countries", [values["country"]])
    institution = Institution(**values)
    institution.make_findable()
    institution.save(force_insert=True)
    index().keep([institution])
    return institution


def make_connection(company: Company | None = None, **fields: Any) -> Connection:
    institution = fields.pop("institution", None) or make_institution()
    values = {
        "company": company or make_company(),
        "institution": institution,
        "provider": institution.provider,
        "reference": f"ref-{next(_numbers)}",
        "status": Connection.Status.CONNECTED,
        "next_fetch_at": timezone.now(),
    }
    return Connection.objects.create(**{**values, **fields})


def make_registration(company: Company | None = None, **fields: Any) -> ProxyRegistration:
    """A company that the proxy knows and works for, unless told otherwise; its key is good for signing."""
    private_key = signing.generate_private_key()
    values = {
        "company": company or make_company(),
        "client_id": f"client-{next(_numbers)}",
        "status": ProxyRegistration.Status.ACTIVE,
        "public_key": signing.public_key_of(private_key),
        "phone_number": "+32470123456",
    }
    registration = ProxyRegistration(**{**values, **fields})
    registration.keep_private_key(private_key)
    registration.save()
    return registration


def make_account(connection: Connection | None = None, **fields: Any) -> Account:
    number = next(_numbers)
    values = {
        "connection": connection or make_connection(),
        "identifier": f"account-{number}",
        "name": "Operating account",
        "mask": f"{number:04d}"[-4:],
        "currency": "EUR",
    }
    return Account.objects.create(**{**values, **fields})


def make_journal(company: Company | None = None, **fields: Any) -> Journal:
    account = fields.get("account")
    company = company or (account.connection.company if account else make_company())
    values = {"company": company, "name": "Operating account", "code": f"BNK{next(_numbers)}", "currency": "EUR"}
    return Journal.objects.create(**{**values, **fields})


def make_statement(journal: Journal, day: dt.date = dt.date(2026, 1, 1), **fields: Any) -> Statement:
    period = period_of(day, journal.period)
    return Statement.objects.create(
        journal=journal, **{"first_day": period.first_day, "last_day": period.last_day, **fields}
    )


def make_line(
    journal: Journal, amount: str = "10.00", *, day: dt.date = dt.date(2026, 1, 1), **fields: Any
) -> StatementLine:
    """A line in the statement of its period, which is made when it is not there. Balances are not carried on."""
    period = period_of(day, journal.period)
    statement, _made = Statement.objects.get_or_create(
        journal=journal, first_day=period.first_day, defaults={"last_day": period.last_day}
    )
    values = {"transaction_id": f"t-{next(_numbers)}", "booking_date": day, "currency": journal.currency}
    return StatementLine.objects.create(
        journal=journal, statement=statement, amount=Decimal(amount), **{**values, **fields}
    )


def make_run(connection: Connection | None = None, **fields: Any) -> SyncRun:
    """A run that ended well, unless told otherwise."""
    now = timezone.now()
    values = {
        "connection": connection or make_connection(),
        "trigger": SyncRun.Trigger.CLOCK,
        "state": SyncRun.State.DONE,
        "reason": "nothing_new",
        "finished_at": now,
        "lease_until": now,
    }
    return SyncRun.objects.create(**{**values, **fields})


def make_attempt(person: User, company: Company, **fields: Any) -> LinkAttempt:
    values = {
        "flow": f"flow-{next(_numbers)}",
        "hosted_url": "https://bank.example/",
        "expires_at": timezone.now() + dt.timedelta(minutes=30),
    }
    values.setdefault("institution", fields.pop("institution", None) or make_institution())
    return LinkAttempt.objects.create(person=person, company=company, **{**values, **fields})


def transaction(id: str, amount: str = "10.00", *, day: str = "2026-01-01", **fields: Any) -> TransactionData:  # noqa: A002
    """A posted transaction as it comes from the proxy."""
    values: dict[str, Any] = {
        "status": "posted",
        "currency": "EUR",
        "counterparty": CounterpartyData(name="Bakery"),
        "remittance": "bread",
    }
    return TransactionData(
        id=id, amount=Decimal(amount), booking_date=dt.date.fromisoformat(day), **{**values, **fields}
    )


def balance(booked: str | None, *, currency: str = "EUR") -> BalanceData:
    """What the bank says stands on an account."""
    return BalanceData(booked=None if booked is None else Decimal(booked), available=None, currency=currency)
