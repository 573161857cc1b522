"""Which format a file is in, by its content: names and endings lie."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from statements.imports import camt053, csv, mt940, ofx
from statements.imports.columns import ColumnMapping
from statements.imports.facts import FileRefused, StatementFile
from statements.imports.text import decode

_HEAD = 4_096
_PARSERS = {ofx.FORMAT: ofx.parse, camt053.FORMAT: camt053.parse, mt940.FORMAT: mt940.parse}
# What people pick by mistake, by the bytes it begins with.
_OTHERS = (
    (b"PK\x03\x04", gettext_lazy("this is a packed file or a spreadsheet; unpack it, or save it as CSV.")),
    (b"%PDF", gettext_lazy("this is a PDF; ask the bank for the statement as CAMT.053, MT940, OFX or CSV.")),
    (b"\xd0\xcf\x11\xe0", gettext_lazy("this is an old spreadsheet; save it as CSV.")),
)


def format_of(content: bytes) -> str:
    """``OFX``, ``CAMT.053``, ``MT940`` or ``CSV``. Raises ``FileRefused`` for what can be none of them."""
    if not content.strip():
        raise FileRefused(1, _("the file is empty."))
    for mark, reason in _OTHERS:
        if content.startswith(mark):
            raise FileRefused(1, str(reason))
    head = decode(content)[:_HEAD].lstrip("\ufeff \n\t")
    if re.match(r"OFXHEADER", head) or re.search(r"<\?OFX\b|<OFX>", head):
        return ofx.FORMAT
    if head.startswith("<"):
        return camt053.FORMAT
    if len(set(re.findall(r"^:(20|25|28C?|60[FM]|61):", head, re.MULTILINE))) > 1:
        return mt940.FORMAT
    return csv.FORMAT


def read(content: bytes, mapping: ColumnMapping | None = None) -> tuple[StatementFile, ...]:
    """The statements of a file, one per account. A CSV file needs its ``mapping``. Raises ``FileRefused``."""
    format_name = format_of(content)
    if format_name == csv.FORMAT:
        return csv.parse(content, mapping or ColumnMapping())
    return _PARSERS[format_name](content)
