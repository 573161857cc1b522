"""CAMT.053, the statement of ISO 20022, in all its versions: they differ in where a few names stand."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from django.utils.translation import gettext as _

from providers.types import CounterpartyData
from statements.imports.facts import (
    FileBalance,
    FileEntry,
    FileRefused,
    StatementFile,
    compact,
    currency_of,
    day_of,
    entry,
    exact,
    join,
    party,
    shown,
)
from statements.imports.xml import Element, read

FORMAT = "CAMT.053"
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T+\-Z ].{0,40})?", re.ASCII | re.DOTALL)
# What banks write where they have no reference to give.
_NO_REFERENCE = {"NONREF", "NOREF", "NOTPROVIDED", "NOTAVAILABLE", "N/A", "NA", "NONE", "UNKNOWN"}
# Below this a reference is a number within its own statement (1, 2, 3 …), which the next statement uses again.
_SHORTEST_REFERENCE = 8


def parse(content: bytes) -> tuple[StatementFile, ...]:
    """The statements of a file, one per account. Raises ``FileRefused``."""
    entries: dict[int, list[FileEntry]] = {}

    def handle(statement: Element, piece: Element) -> None:
        if statement.name == "Stmt":
            entries.setdefault(id(statement), []).append(_entry(piece, statement))

    root = read(content, pieces="Ntry", handle=handle)
    body = root.first("BkToCstmrStmt") if root.name == "Document" else None
    if body is None:
        raise FileRefused(root.line, _instead(root))
    statements = body.all("Stmt")
    if not statements:
        raise FileRefused(body.line, _("there is no statement in this file."))
    return join(_statement(node, entries.get(id(node), [])) for node in statements)


def _instead(root: Element) -> str:
    if root.first("BkToCstmrAcctRpt"):
        return _("this is CAMT.052, which tells of a day that is not over; ask the bank for CAMT.053.")
    if root.first("BkToCstmrDbtCdtNtfctn"):
        return _("this is CAMT.054, which tells of parts of an entry; ask the bank for CAMT.053.")
    return _("this is not CAMT.053: the file begins with “%(name)s”.") % {"name": shown(root.name)}


def _statement(node: Element, entries: list[FileEntry]) -> StatementFile:
    currency = node.value("Acct", "Ccy")
    balances = [_balance(one) for one in node.all("Bal")]
    # A statement of several pages has an interim opening and closing on each.
    openings = [balance for kind, balance, _ccy in balances if kind in ("OPBD", "PRCD")]
    closings = [balance for kind, balance, _ccy in balances if kind == "CLBD"]
    named = currency or next((code for _kind, _balance, code in balances), "")
    return StatementFile(
        format=FORMAT,
        account_number=_number(node.first("Acct", "Id")),
        currency=currency_of(named, line=node.line) if named else _only_currency(entries),
        entries=tuple(entries),
        opening=min(openings, key=lambda balance: balance.day, default=None),
        closing=max(reversed(closings), key=lambda balance: balance.day, default=None),
    )


def _only_currency(entries: list[FileEntry]) -> str:
    found = {entry.data.currency for entry in entries}
    return found.pop() if len(found) == 1 else ""


def _balance(node: Element) -> tuple[str, FileBalance, str]:
    """(kind, balance, currency)."""
    kind = node.value("Tp", "CdOrPrtry", "Cd")
    amount, currency = _amount(node)
    return kind, FileBalance(amount=_signed(node, amount), day=_day(node.first("Dt"), node)), currency


def _entry(node: Element, statement: Element) -> FileEntry:
    amount, currency = _amount(node)
    signed = _signed(node, amount)
    booked, valued = node.first("BookgDt"), node.first("ValDt")
    details = node.all("NtryDtls", "TxDtls")
    return entry(
        node.line,
        id=_reference(node, details),
        booking_date=_day(booked or valued, node),
        value_date=_day(valued, node) if valued else None,
        amount=signed,
        currency=currency,
        is_pending=(node.value("Sts", "Cd") or node.value("Sts") or "BOOK") != "BOOK",
        original=_original(node, details, signed=signed, currency=currency),
        counterparty=_counterparty(node, details, own=_number(statement.first("Acct", "Id"))),
        remittance=_remittance(node, details),
        kind=_kind(node),
        raw=node.plain(),
    )


def _amount(node: Element) -> tuple[Decimal, str]:
    found = node.first("Amt")
    if found is None:
        raise FileRefused(node.line, _("%(element)s has no %(part)s.") % {"element": node.name, "part": "Amt"})
    amount = exact(found.text, line=found.line)
    if amount < 0:
        raise FileRefused(found.line, _("an amount in CAMT.053 has no sign; CdtDbtInd gives the direction."))
    return amount, currency_of(found.attributes.get("Ccy", ""), line=found.line)


def _signed(node: Element, amount: Decimal) -> Decimal:
    """By the direction on the account. A reversal is told in RvslInd too, but its direction is already in here."""
    direction = node.value("CdtDbtInd")
    if direction not in ("CRDT", "DBIT"):
        raise FileRefused(node.line, _("%(name)s does not say whether it is CRDT or DBIT.") % {"name": node.name})
    return -amount if direction == "DBIT" else amount


def _day(found: Element | None, node: Element) -> dt.date:
    """The calendar date; of a moment, the date as the bank wrote it, in whichever zone that was."""
    text = (found.value("Dt") or found.value("DtTm")) if found else ""
    if not text:
        raise FileRefused(node.line, _("%(name)s has no date.") % {"name": node.name})
    match = _DAY.fullmatch(text)
    if match is None:
        raise FileRefused(node.line, _("the date “%(text)s” is not one.") % {"text": shown(text)})
    return day_of(match[1], match[2], match[3], line=node.line)


def _reference(node: Element, details: list[Element]) -> str:
    """The bank's own reference, where it is one that names this entry alone."""
    candidates = [node.value("AcctSvcrRef")]
    if len(details) == 1:
        candidates.append(details[0].value("Refs", "AcctSvcrRef"))
    candidates.append(node.value("NtryRef"))
    return next((reference for reference in candidates if _names_one(reference)), "")


def _names_one(reference: str) -> bool:
    return len(reference.lstrip("0")) >= _SHORTEST_REFERENCE and reference.upper() not in _NO_REFERENCE


def _original(node: Element, details: list[Element], *, signed: Decimal, currency: str) -> tuple[Decimal, str] | None:
    """What was paid in another currency, with the entry's sign; only where the entry is one payment."""
    places = [node] if len(details) > 1 else [node, *details]
    for found in (place.first("AmtDtls", "InstdAmt") for place in places):
        if found is not None and found.first("Amt"):
            amount, other = _amount(found)
            if other != currency:
                return (amount.copy_sign(signed) if amount else amount), other
    return None


def _counterparty(node: Element, details: list[Element], *, own: str) -> CounterpartyData:
    """The other side, when all parts of the entry have the same one."""
    # Of a reversal the parties are those of the payment that is reversed, which went the other way.
    is_debit = (node.value("CdtDbtInd") == "DBIT") != (node.value("RvslInd").lower() in ("true", "1"))
    sides = {_side(detail, "Cdtr" if is_debit else "Dbtr") for detail in details}
    if len(sides) != 1:
        return CounterpartyData()
    name, number, bic = sides.pop()
    return CounterpartyData() if number and number == own else party(name, account_number=number, bic=bic)


def _side(detail: Element, role: str) -> tuple[str, str, str]:
    parties = detail.first("RltdPties")
    if parties is None:
        return "", "", ""
    # Later versions put a Pty between; the ultimate party stands where the direct one has no name.
    name = next(
        (
            found
            for path in ((role, "Nm"), (role, "Pty", "Nm"), (f"Ultmt{role}", "Nm"), (f"Ultmt{role}", "Pty", "Nm"))
            if (found := parties.value(*path))
        ),
        "",
    )
    bank = detail.first("RltdAgts", f"{role}Agt", "FinInstnId")
    bic = (bank.value("BICFI") or bank.value("BIC")) if bank else ""
    return name, _number(parties.first(f"{role}Acct", "Id")), bic


def _number(identification: Element | None) -> str:
    if identification is None:
        return ""
    return compact(identification.value("IBAN") or identification.value("Othr", "Id"))


def _remittance(node: Element, details: list[Element]) -> str:
    """What the payer wrote; of several payments in one entry, what the bank says of them."""
    said = [text for detail in details for text in _written(detail)] if len(details) == 1 else []
    if not said and len(details) != 1:
        said = [node.value("AddtlNtryInf"), f"{len(details)} payments in one" if details else ""]
    return "\n".join(text for text in (said or [node.value("AddtlNtryInf")]) if text)


def _written(detail: Element) -> list[str]:
    free = [found.text.strip() for found in detail.all("RmtInf", "Ustrd")]
    structured = [found.text.strip() for found in detail.all("RmtInf", "Strd", "CdtrRefInf", "Ref")]
    additional = [found.text.strip() for found in detail.all("RmtInf", "Strd", "AddtlRmtInf")]
    words = [text for text in (*free, *structured, *additional) if text]
    return words or [text for text in (detail.value("AddtlTxInf"),) if text]


def _kind(node: Element) -> str:
    code = node.first("BkTxCd")
    if code is None:
        return ""
    family = [
        code.value("Domn", "Cd"),
        code.value("Domn", "Fmly", "Cd"),
        code.value("Domn", "Fmly", "SubFmlyCd"),
    ]
    return "/".join(part for part in family if part) or code.value("Prtry", "Cd")
