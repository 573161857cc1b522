"""OFX 1 (SGML, where end tags may be missing) and OFX 2 (XML): one reader, since the second is the first, tidied.

No XML parser is involved, so there are no entities to expand but the few that the format knows.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from providers.types import CounterpartyData
from statements.imports.facts import (
    FileBalance,
    FileEntry,
    FileRefused,
    StatementFile,
    currency_of,
    day_of,
    entry,
    exact,
    join,
    party,
    shown,
)
from statements.imports.text import decode

FORMAT = "OFX"
_DEEPEST = 30
# A tag and its value. A lone "<" that begins no tag is text that a bank did not escape.
_TOKEN = re.compile(r"<(/?)([A-Za-z0-9._]{1,64})\s*/?>((?:[^<]+|<(?![/A-Za-z]))*)")
_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{2,6}(?:\.\d*)?)?\s*(?:\[[^\]]{0,40}\]?)?", re.ASCII)
_AMOUNT = re.compile(r"[+-]?\d*[.,]?\d*", re.ASCII)
_CHARSET = re.compile(rb"^\s*CHARSET:\s*([\w-]+)", re.MULTILINE)
_ENCODING = re.compile(rb"^\s*ENCODING:\s*([\w-]+)", re.MULTILINE)
_XML_ENCODING = re.compile(rb"<\?xml[^>]*encoding=[\"']([\w-]+)[\"']")
_STATEMENTS = ("STMTRS", "CCSTMTRS")
# Aggregates that must end, also in a file that was cut off before any of them did.
_AGGREGATES = {"OFX", "BANKMSGSRSV1", "CREDITCARDMSGSRSV1", "STMTTRNRS", "CCSTMTTRNRS", "BANKTRANLIST", "STMTTRN"}


def parse(content: bytes) -> tuple[StatementFile, ...]:
    """The statements of a file, one per account. Raises ``FileRefused``."""
    text = decode(content, _encoding(content[:2000]))
    if re.search(r"<!\s*(?:DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise FileRefused(1, _("the file defines entities of its own, which OFX does not have."))
    root = _tree(_without_cdata(text))
    found = [node for name in _STATEMENTS for node in root.every(name)]
    if not found:
        raise FileRefused(_line_of_end(text), _("there is no bank statement in this OFX file."))
    return join(_statement(node) for node in found)


@dataclass(slots=True)
class _Node:
    """An aggregate, or an element with its value."""

    name: str
    line: int
    value: str = ""
    children: list[_Node] = field(default_factory=list)

    def every(self, name: str) -> Iterator[_Node]:
        """All below with this name, in the file's order."""
        for child in self.children:
            if child.name == name:
                yield child
            else:
                yield from child.every(name)

    def first(self, *path: str) -> _Node | None:
        node: _Node | None = self
        for name in path:
            node = next((child for child in node.children if child.name == name), None) if node else None
        return node

    def text(self, *path: str) -> str:
        node = self.first(*path)
        return node.value if node else ""

    def plain(self) -> object:
        """As it is kept for the technical view."""
        return {child.name: child.plain() for child in self.children} if self.children else self.value


def _encoding(head: bytes) -> str:
    """What the header says; "" where it says nothing that helps."""
    named = _XML_ENCODING.search(head)
    if named:
        return named[1].decode()
    encoding, charset = _ENCODING.search(head), _CHARSET.search(head)
    if encoding and encoding[1].upper() in (b"UTF-8", b"UTF8"):
        return "utf-8"
    # Many banks write 1252 or NONE and mean UTF-8: whether it is can be seen in the bytes.
    return "latin-1" if charset and charset[1].upper() in (b"8859-1", b"ISO-8859-1") else ""


def _tree(text: str) -> _Node:
    closing = {match[1].upper() for match in re.finditer(r"</([A-Za-z0-9._]{1,64})\s*>", text)} | _AGGREGATES
    root = _Node("", 1)
    stack = [root]
    line, at = 1, 0
    for token in _TOKEN.finditer(text):
        line += text.count("\n", at, token.start())
        at = token.start()
        name, value = token[2].upper(), _value(token[3])
        if token[1]:
            _close(stack, name, line=line)
            continue
        node = _Node(name, line, value)
        stack[-1].children.append(node)
        # An element's end tag may be missing; an aggregate's never is.
        if not value and name in closing:
            if len(stack) > _DEEPEST:
                raise FileRefused(line, _("the file is nested too deeply."))
            stack.append(node)
    if len(stack) > 1:
        raise FileRefused(
            line, _("the file ends inside of %(name)s: a part of it is missing.") % {"name": shown(stack[-1].name)}
        )
    return root


def _close(stack: list[_Node], name: str, *, line: int) -> None:
    """Ends an aggregate; the end tag of an element with a value has nothing to end."""
    if name == stack[-1].name:
        stack.pop()
    elif any(name == node.name for node in stack[1:]):
        raise FileRefused(
            line, _("%(name)s ends before %(open)s does.") % {"name": shown(name), "open": shown(stack[-1].name)}
        )


def _value(text: str) -> str:
    return html.unescape(text).strip() if "&" in text else text.strip()


def _without_cdata(text: str) -> str:
    """The same text with what stands in CDATA sections escaped instead."""
    first, *sections = text.split("<![CDATA[")
    parts = [first]
    for section in sections:
        inside, _end, after = section.partition("]]>")
        parts += [html.escape(inside), after]
    return "".join(parts)


def _line_of_end(text: str) -> int:
    return text.rstrip().count("\n") + 1


def _statement(node: _Node) -> StatementFile:
    currency = currency_of(node.text("CURDEF"), line=(node.first("CURDEF") or node).line)
    account = node.first("BANKACCTFROM") or node.first("CCACCTFROM")
    posted = [_entry(item, currency) for item in node.every("STMTTRN")]
    pending = [_entry(item, currency, is_pending=True) for item in node.every("STMTTRNP")]
    return StatementFile(
        format=FORMAT,
        account_number=(account.text("ACCTID") if account else "").replace(" ", "").upper(),
        currency=currency,
        entries=tuple(posted + pending),
        closing=_balance(node.first("LEDGERBAL")),
    )


def _balance(node: _Node | None) -> FileBalance | None:
    if node is None:
        return None
    return FileBalance(amount=_amount(node, "BALAMT"), day=_day(node, "DTASOF"))


def _entry(node: _Node, currency: str, *, is_pending: bool = False) -> FileEntry:
    amount = _amount(node, "TRNAMT")
    in_other = node.text("CURRENCY", "CURSYM")
    number = node.text("CHECKNUM")
    return entry(
        node.line,
        id=node.text("FITID"),
        booking_date=_day(node, "DTTRAN" if is_pending else "DTPOSTED"),
        value_date=_day(node, "DTAVAIL") if node.text("DTAVAIL") else None,
        amount=amount,
        # CURRENCY: the amount is in that currency. ORIGCURRENCY: it has been converted, only the rate is given, and
        # an amount made out of a rate would not be exact.
        currency=currency_of(in_other, line=node.line) if in_other else currency,
        is_pending=is_pending,
        counterparty=_counterparty(node),
        remittance="\n".join(part for part in (node.text("MEMO"), f"No. {number}" if number else "") if part),
        kind=node.text("TRNTYPE").lower(),
        raw=node.plain(),
    )


def _counterparty(node: _Node) -> CounterpartyData:
    name = node.text("EXTDNAME") or node.text("NAME") or node.text("PAYEE", "NAME")
    account = node.text("BANKACCTTO", "ACCTID") or node.text("CCACCTTO", "ACCTID")
    return party(name, account_number=account)


def _amount(node: _Node, name: str) -> Decimal:
    found = node.first(name)
    if found is None or not found.value:
        raise FileRefused(node.line, _("%(element)s has no %(part)s.") % {"element": node.name, "part": name})
    # The decimal sign may be a comma; there are no thousands separators.
    text = found.value.replace(",", ".") if _AMOUNT.fullmatch(found.value) else found.value
    return exact(text, line=found.line)


def _day(node: _Node, name: str) -> dt.date:
    """The calendar date as the bank wrote it.

    A moment such as ``20260131235900[-5:EST]`` is written in the bank's own zone, so its first eight digits are the
    bank's date. Without a zone it should be GMT, but banks write midnight of their own day: shifting would move it.
    """
    found = node.first(name)
    if found is None or not found.value:
        raise FileRefused(node.line, _("%(element)s has no %(part)s.") % {"element": node.name, "part": name})
    match = _DATE.fullmatch(found.value)
    if match is None:
        raise FileRefused(found.line, _("the date “%(text)s” is not one.") % {"text": shown(found.value)})
    return day_of(match[1], match[2], match[3], line=found.line)
