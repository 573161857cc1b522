"""Text on a PDF page in whatever script a payer wrote: of the faces carried along, the glyphs used are embedded."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

PLAIN, BOLD = "DejaVu Sans", "DejaVu Sans Bold"
# Chinese, Japanese and Korean, which readers do not bring by themselves everywhere. Read only where it is needed.
_ASIAN = "Droid Sans Fallback"
_FOLDER = Path(__file__).parent / "fonts"
_FILES = {PLAIN: "DejaVuSans.ttf", BOLD: "DejaVuSans-Bold.ttf", _ASIAN: "DroidSansFallback.ttf"}
# What no face here has, an emoji for one.
_MISSING = "\u25a1"


def draw(canvas: Canvas, words: str, x: int, y: int, *, font: str = PLAIN, size: int = 8) -> None:
    """Writes one line of text with its left end at (x, y), in points from the lower left corner."""
    text = canvas.beginText(x, y)
    for name, piece in _runs(words, font):
        text.setFont(name, size)
        text.textOut(piece)
    canvas.drawText(text)


def draw_right(canvas: Canvas, words: str, x: int, y: int, *, font: str = PLAIN, size: int = 8) -> None:
    """As ``draw``, with its right end at (x, y)."""
    draw(canvas, words, x - width(words, font=font, size=size), y, font=font, size=size)


@lru_cache(maxsize=20_000)
def width(words: str, *, font: str = PLAIN, size: int = 8) -> int:
    """How wide the text is, in whole points, rounded up."""
    total = sum(pdfmetrics.stringWidth(piece, name, size) for name, piece in _runs(words, font))
    return int(total) + 1


def wrapped(words: str, limit: int, *, size: int = 8, most: int = 4) -> list[str]:
    """The text in lines of at most ``limit`` points; what does not fit into ``most`` lines ends in an ellipsis."""
    lines: list[str] = []
    for paragraph in words.splitlines():
        lines += _lines(paragraph, limit, size=size)
        if len(lines) > most:
            return [*lines[: most - 1], f"{lines[most - 1][:-1]}…"]
    return lines


def _lines(paragraph: str, limit: int, *, size: int) -> Iterator[str]:
    """Whole words as long as they fit. Widths are added up word by word: those of words are known, not of lines."""
    space = width(" ", size=size)
    line, taken = "", 0
    for word in paragraph.split():
        needed = width(word, size=size)
        if line and taken + space + needed <= limit:
            line, taken = f"{line} {word}", taken + space + needed
            continue
        if line:
            yield line
        if needed > limit:
            *full, word = _broken(word, limit, size=size)
            yield from full
        line, taken = word, width(word, size=size)
    if line:
        yield line


def _broken(word: str, limit: int, *, size: int) -> list[str]:
    """A word in pieces that fit: Asian text has no spaces, and references can be long."""
    pieces = [""]
    for character in word:
        if pieces[-1] and width(pieces[-1] + character, size=size) > limit:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _runs(words: str, font: str) -> list[tuple[str, str]]:
    """The text in pieces of one face each: (its name, the piece)."""
    if _glyphs(font).issuperset(map(ord, words)):
        return [(font, words)]
    return list(_mixed(words, font))


def _mixed(words: str, font: str) -> Iterator[tuple[str, str]]:
    own, asian = _glyphs(font), _glyphs(_ASIAN)
    known = [
        (font, character)
        if ord(character) in own
        else (_ASIAN, character)
        if ord(character) in asian
        else (font, _MISSING)
        for character in words
    ]
    for name, run in groupby(known, key=lambda pair: pair[0]):
        yield name, "".join(character for _name, character in run)


@cache
def _glyphs(font: str) -> frozenset[int]:
    """The characters of a face, which is read at its first use."""
    face = TTFont(font, str(_FOLDER / _FILES[font]))
    pdfmetrics.registerFont(face)
    return frozenset(face.face.charToGlyph)
