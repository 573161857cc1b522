"""A statement on paper: whose account, which days, each line with the balance after it, opening and closing."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from decimal import Decimal
from typing import IO

from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from companies.templatetags.formats import day, figure, money
from statements.exports.extract import Extract
from statements.exports.typeface import BOLD, draw, draw_right, wrapped
from statements.models import StatementLine

_WIDTH, _HEIGHT = int(A4[0]), int(A4[1])
_LEFT, _RIGHT = 48, _WIDTH - 48
_TOP, _BOTTOM = _HEIGHT - 56, 56
_TEXT, _AMOUNT, _BALANCE = _LEFT + 68, _RIGHT - 84, _RIGHT
_TEXT_WIDTH = _AMOUNT - 74 - _TEXT
_LINE = 11


def write_pdf(extract: Extract) -> IO[bytes]:
    """The document as a temporary file, at its beginning."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the answer that streams it closes it
    canvas = Canvas(file, pagesize=A4, pageCompression=1)
    canvas.setTitle(f"{extract.journal.name}, {day(extract.first_day)} – {day(extract.last_day)}")
    canvas.setAuthor(extract.journal.company.name)
    paper = _Paper(canvas, extract)
    paper.first_page()
    for line, balance in extract.lines():
        paper.line(line, balance)
    paper.end()
    canvas.save()
    file.seek(0)
    return file


class _Paper:
    """The page that is being written, from its top to its bottom."""

    def __init__(self, canvas: Canvas, extract: Extract) -> None:
        self.canvas = canvas
        self.extract = extract
        self.currency = extract.journal.currency
        self.page = 1
        self.y = _TOP

    def first_page(self) -> None:
        journal = self.extract.journal
        draw(self.canvas, journal.company.name, _LEFT, self.y, size=9)
        self.y -= 26
        draw(self.canvas, journal.name, _LEFT, self.y, font=BOLD, size=16)
        self.y -= 18
        account = " · ".join(part for part in (journal.bank_name, journal.account_number, journal.bic) if part)
        if account:
            draw(self.canvas, account, _LEFT, self.y, size=9)
            self.y -= 14
        days = f"{day(self.extract.first_day)} – {day(self.extract.last_day)}"
        version = self.extract.version
        draw(self.canvas, days + (_(", version %(n)s") % {"n": version} if version > 1 else ""), _LEFT, self.y, size=9)
        self.y -= 24
        self._balance(_("Opening balance"), self.extract.opening)
        self._balance(_("Closing balance"), self.extract.closing)
        self.y -= 12
        self._table_head()

    def line(self, line: StatementLine, balance: Decimal | None) -> None:
        """One line of the books: as many lines of the page as its words need, never divided."""
        words = self._words(line)
        if self.y - _LINE * max(len(words), 1) < _BOTTOM:
            self._next_page()
        draw(self.canvas, day(line.booking_date), _LEFT, self.y)
        draw_right(self.canvas, figure(line.amount, line.currency), _AMOUNT, self.y)
        draw_right(self.canvas, figure(balance, line.currency), _BALANCE, self.y)
        for place, piece in enumerate(words):
            self._grey(0 if place == 0 else 40)
            draw(self.canvas, piece, _TEXT, self.y)
            self.y -= _LINE
        if not words:
            self.y -= _LINE
        self._grey(0)
        self.y -= 4

    def end(self) -> None:
        """The closing line, the last page's foot."""
        if not self.extract.count:
            draw(self.canvas, _("Nothing moved in this period."), _TEXT, self.y)
            self.y -= _LINE
        if self.y - 2 * _LINE < _BOTTOM:
            self._next_page()
        self._rule()
        self._balance(_("Closing balance"), self.extract.closing)
        self._foot()

    def _words(self, line: StatementLine) -> Sequence[str]:
        name = wrapped(line.counterparty_name, _TEXT_WIDTH, most=2)
        return [*name, *wrapped(line.remittance or ("" if name else line.kind), _TEXT_WIDTH)]

    def _balance(self, label: str, amount: Decimal | None) -> None:
        draw(self.canvas, label, _LEFT, self.y, size=9)
        draw_right(self.canvas, money(amount, self.currency), _BALANCE, self.y, font=BOLD, size=9)
        self.y -= 14

    def _table_head(self) -> None:
        draw(self.canvas, _("Date"), _LEFT, self.y, font=BOLD)
        draw(self.canvas, _("Counterparty and text"), _TEXT, self.y, font=BOLD)
        draw_right(self.canvas, _("Amount, %(currency)s") % {"currency": self.currency}, _AMOUNT, self.y, font=BOLD)
        draw_right(self.canvas, _("Balance"), _BALANCE, self.y, font=BOLD)
        self.y -= 5
        self._rule()

    def _rule(self) -> None:
        self.canvas.setLineWidth(1)
        self._grey(70)
        self.canvas.line(_LEFT, self.y, _RIGHT, self.y)
        self._grey(0)
        self.y -= 13

    def _grey(self, percent: int) -> None:
        shade = percent / 100
        self.canvas.setFillGray(shade)
        self.canvas.setStrokeGray(shade)

    def _next_page(self) -> None:
        self._foot()
        self.canvas.showPage()
        self.page += 1
        self.y = _TOP
        self._table_head()

    def _foot(self) -> None:
        draw(self.canvas, f"{self.extract.journal.company.name} · {self.extract.journal.name}", _LEFT, 32, size=7)
        draw_right(self.canvas, _("Page %(n)s") % {"n": self.page}, _RIGHT, 32, size=7)
