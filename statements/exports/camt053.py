"""CAMT.053.001.08: the statement as banks give it, for other software to read.

The elements stand in the order of the schema, each no longer than it allows.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from statements.exports.extract import Extract
from statements.exports.xml import element, text
from statements.models import StatementLine
from statements.refusal import Refused

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_REFERENCE, _NAME, _TEXT, _PROPRIETARY, _OTHER_ID = 35, 140, 140, 35, 34
_BATCH = 200


def write_camt053(extract: Extract) -> Iterator[bytes]:
    """The document, entry by entry. Raises ``Refused`` while the balances, which it must hold, are not known."""
    if extract.opening is None or extract.closing is None:
        raise Refused(_("CAMT.053 holds balances, and the journal's are not known yet: export CSV or a spreadsheet."))
    return _document(extract, extract.opening, extract.closing)


def _document(extract: Extract, opening: Decimal, closing: Decimal) -> Iterator[bytes]:
    yield _head(extract, opening, closing).encode()
    batch = []
    for line, _balance in extract.lines():
        batch.append(_entry(line))
        if len(batch) == _BATCH:
            yield "\n".join(batch).encode() + b"\n"
            batch = []
    yield "\n".join(batch).encode()
    yield b"\n</Stmt></BkToCstmrStmt></Document>\n"


def _head(extract: Extract, opening: Decimal, closing: Decimal) -> str:
    journal = extract.journal
    now = timezone.now().replace(microsecond=0).isoformat()
    number = re.sub(r"\s", "", journal.account_number).upper()
    bic = journal.bic if _BIC.fullmatch(journal.bic) else ""
    account = element(
        "Acct",
        element("Id", _number(number) or element("Othr", element("Id", text(journal.code, _OTHER_ID)))),
        element("Ccy", journal.currency),
        element("Nm", text(journal.name, 70)),
        element("Ownr", element("Nm", text(journal.company.name, _NAME))),
        element(
            "Svcr",
            element("FinInstnId", element("BICFI", bic), element("Nm", text(journal.bank_name, _NAME))),
        ),
    )
    days = element(
        "FrToDt",
        element("FrDtTm", f"{extract.first_day.isoformat()}T00:00:00"),
        element("ToDtTm", f"{extract.last_day.isoformat()}T23:59:59"),
    )
    reference = text(f"{journal.code}-{extract.first_day:%Y%m%d}-{extract.last_day:%Y%m%d}", _REFERENCE)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}"><BkToCstmrStmt>\n'
        + element("GrpHdr", element("MsgId", reference), element("CreDtTm", now))
        + "\n<Stmt>"
        + element("Id", reference)
        + element("CreDtTm", now)
        + days
        + account
        + _balance("OPBD", opening, journal.currency, day=extract.first_day)
        + _balance("CLBD", closing, journal.currency, day=extract.last_day)
        + "\n"
    )


def _balance(kind: str, amount: Decimal, currency: str, *, day: dt.date) -> str:
    return element(
        "Bal",
        element("Tp", element("CdOrPrtry", element("Cd", kind))),
        _amount(amount, currency),
        element("Dt", element("Dt", day.isoformat())),
    )


def _amount(amount: Decimal, currency: str) -> str:
    """The amount without a sign, and its direction."""
    return element("Amt", f"{abs(amount):f}", Ccy=currency) + element("CdtDbtInd", "DBIT" if amount < 0 else "CRDT")


def _entry(line: StatementLine) -> str:
    reference = _reference(line.transaction_id)
    value_date = element("ValDt", element("Dt", line.value_date.isoformat())) if line.value_date else ""
    return element(
        "Ntry",
        _amount(line.amount, line.currency),
        element("Sts", element("Cd", "BOOK")),
        element("BookgDt", element("Dt", line.booking_date.isoformat())),
        value_date,
        element("AcctSvcrRef", text(reference)),
        # The schema wants a code; what the provider calls the kind is nobody's but the provider's.
        element("BkTxCd", element("Prtry", element("Cd", text(line.kind or "NTRF", _PROPRIETARY)))),
        _original(line),
        element("NtryDtls", element("TxDtls", _parties(line), _remittance(line.remittance))),
    )


def _reference(identifier: str) -> str:
    """The id where it fits; where it is too long, a digest that names the entry as well."""
    if len(identifier) <= _REFERENCE:
        return identifier
    return hashlib.sha256(identifier.encode()).hexdigest()[:32]


def _original(line: StatementLine) -> str:
    if line.original_amount is None or not line.original_currency:
        return ""
    amount = element("Amt", f"{abs(line.original_amount):f}", Ccy=line.original_currency)
    return element("AmtDtls", element("InstdAmt", amount))


def _parties(line: StatementLine) -> str:
    role = "Cdtr" if line.amount < 0 else "Dbtr"
    return element(
        "RltdPties",
        element(role, element("Pty", element("Nm", text(line.counterparty_name, _NAME)))),
        element(f"{role}Acct", element("Id", _number(line.counterparty_account))),
    )


def _number(number: str) -> str:
    if _IBAN.fullmatch(number):
        return element("IBAN", number)
    return element("Othr", element("Id", text(number, _OTHER_ID)))


def _remittance(words: str) -> str:
    pieces = [
        paragraph[start : start + _TEXT]
        for paragraph in words.splitlines()
        for start in range(0, len(paragraph), _TEXT)
    ]
    return element("RmtInf", *(element("Ustrd", text(piece)) for piece in pieces if piece.strip()))
