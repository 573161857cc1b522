"""OFX 2.2, for accounting software that reads nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from statements.exports.extract import Extract
from statements.exports.xml import element, text
from statements.models import StatementLine
from statements.refusal import Refused

_NAME, _LONG_NAME, _MEMO = 32, 100, 255
_BATCH = 200


def write_ofx(extract: Extract) -> Iterator[bytes]:
    """The document, transaction by transaction. Raises ``Refused`` while the closing balance is not known."""
    if extract.closing is None:
        raise Refused(_("OFX holds a balance, and the journal's is not known yet: export CSV or a spreadsheet."))
    return _document(extract, extract.closing)


def _document(extract: Extract, closing: Decimal) -> Iterator[bytes]:
    yield _head(extract).encode()
    batch = []
    for line, _balance in extract.lines():
        batch.append(_transaction(line))
        if len(batch) == _BATCH:
            yield "\n".join(batch).encode() + b"\n"
            batch = []
    yield "\n".join(batch).encode()
    balance = element("LEDGERBAL", element("BALAMT", f"{closing:f}"), element("DTASOF", _day(extract.last_day)))
    yield f"\n</BANKTRANLIST>{balance}</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n".encode()


def _head(extract: Extract) -> str:
    journal = extract.journal
    status = element("STATUS", element("CODE", "0"), element("SEVERITY", "INFO"))
    server = f"{timezone.now():%Y%m%d%H%M%S}.000[0:GMT]"
    signon = element("SONRS", status, element("DTSERVER", server), element("LANGUAGE", "ENG"))
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
        '<?OFX OFXHEADER="200" VERSION="220" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>\n'
        f"<OFX>{element('SIGNONMSGSRSV1', signon)}\n<BANKMSGSRSV1><STMTTRNRS><TRNUID>0</TRNUID>{status}"
        f"<STMTRS>{element('CURDEF', journal.currency)}"
        f"{_account('BANKACCTFROM', journal.account_number or journal.code, bank=journal.bic)}<BANKTRANLIST>"
        f"{element('DTSTART', _day(extract.first_day))}{element('DTEND', _day(extract.last_day))}\n"
    )


def _account(name: str, number: str, *, bank: str) -> str:
    """The format wants a bank; nine characters are not enough for a BIC, so its first eight stand for it."""
    return element(
        name,
        element("BANKID", text(bank[:8] or "0")),
        element("ACCTID", text(number)),
        element("ACCTTYPE", "CHECKING"),
    )


def _transaction(line: StatementLine) -> str:
    name = line.counterparty_name
    return element(
        "STMTTRN",
        element("TRNTYPE", "DEBIT" if line.amount < 0 else "CREDIT"),
        element("DTPOSTED", _day(line.booking_date)),
        element("DTAVAIL", _day(line.value_date)) if line.value_date else "",
        element("TRNAMT", f"{line.amount:f}"),
        # Each transaction must have an id of its own; a line without one is known by its number here.
        element("FITID", text(line.transaction_id or f"line-{line.pk}")),
        element("NAME", text(name, _NAME)),
        element("EXTDNAME", text(name, _LONG_NAME)) if len(name) > _NAME else "",
        _account("BANKACCTTO", line.counterparty_account, bank="") if line.counterparty_account else "",
        element("MEMO", text(line.remittance, _MEMO)),
    )


def _day(day: dt.date) -> str:
    """Without a time, so that no reader shifts it into another day."""
    return f"{day:%Y%m%d}"
