"""The formats that lines can leave in: what a person calls them, and what writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from statements.exports.camt053 import write_camt053
from statements.exports.extract import Extract
from statements.exports.ofx import write_ofx
from statements.exports.pdf import write_pdf
from statements.exports.table import write_csv, write_xlsx

_BLOCK = 65_536


@dataclass(frozen=True)
class Format:
    """``content(extract)`` gives the file in pieces; it raises ``Refused`` before the first one if it cannot."""

    label: str | Promise
    hint: str | Promise
    media_type: str
    ending: str
    content: Callable[[Extract], Iterator[bytes]]


def _pieces(write: Callable[[Extract], IO[bytes]]) -> Callable[[Extract], Iterator[bytes]]:
    """A writer of whole files as one of pieces."""

    def content(extract: Extract) -> Iterator[bytes]:
        with write(extract) as file:
            while block := file.read(_BLOCK):
                yield block

    return content


FORMATS: dict[str, Format] = {
    "xlsx": Format(
        _("Spreadsheet (XLSX)"),
        _("amounts as numbers, dates as dates"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xlsx",
        _pieces(write_xlsx),
    ),
    "csv": Format(_("CSV"), _("plain rows for any program"), "text/csv; charset=utf-8", "csv", write_csv),
    "camt053": Format(
        _("CAMT.053"),
        _("the banks' own format, for other accounting software"),
        "application/xml",
        "xml",
        write_camt053,
    ),
    "ofx": Format(_("OFX"), _("for software that reads nothing else"), "application/x-ofx", "ofx", write_ofx),
    "pdf": Format(_("PDF"), _("a statement to print or to send"), "application/pdf", "pdf", _pieces(write_pdf)),
}
