"""The information to the account owner (:86: of MT940), in the shapes that countries gave it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from providers.types import CounterpartyData
from statements.imports.facts import party

# Germany, Austria, Poland, Hungary …: a transaction code, then pieces that begin with ?NN (the mark may be another).
_GERMAN = re.compile(r"(\d{3})([?>~@^|*])(\d\d.*)", re.DOTALL | re.ASCII)
# The Netherlands: words between slashes.
_SLASHED = re.compile(
    r"/(TRTP|TRCD|EREF|ORDP|BENM|MARF|CSID|PREF|IBAN|BIC|NAME|REMI|USTD|STRD|CNTP|ULTC|ULTD|ID|ADDR|RTRN|PURP|ACCW"
    r"|CRED|DEBT|CUID|TRDT|PROC|ISDT)(?=/)"
)
# Inside the German text: what SEPA put into it, each with a name of four letters and a plus.
_SEPA = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP|MDAT)\+")
# A piece of the German text is cut after this many characters; a shorter one ends where the bank ended it.
_PIECE = 27


@dataclass(frozen=True, slots=True)
class Information:
    """Who, what, and which kind of movement; "" where it is not said."""

    counterparty: CounterpartyData = field(default_factory=CounterpartyData)
    remittance: str = ""
    kind: str = ""


def read_information(lines: Sequence[str]) -> Information:
    """The lines of a field as a bank wrote them -> their facts; text in no known shape is the remittance as it is."""
    joined = "".join(lines)
    german = _GERMAN.match(joined)
    if german:
        return _german(german[2], german[3])
    if _SLASHED.match(joined):
        return _slashed(joined)
    return Information(remittance="\n".join(lines))


def _german(mark: str, text: str) -> Information:
    pieces: dict[str, str] = {}
    for piece in text.split(mark):
        pieces[piece[:2]] = pieces.get(piece[:2], "") + piece[2:]
    # ?20 to ?29 and, where that is not enough, ?60 to ?63.
    written = [pieces[key] for key in sorted(pieces) if key[:1] == "2" or key in ("60", "61", "62", "63")]
    sepa = _sepa(_flow(written))
    return Information(
        counterparty=party(
            f"{pieces.get('32', '')}{pieces.get('33', '')}".strip() or sepa.get("ABWA", "") or sepa.get("ABWE", ""),
            account_number=sepa.get("IBAN") or pieces.get("31", ""),
            bic=sepa.get("BIC") or (pieces.get("30", "") if pieces.get("30", "")[:4].isalpha() else ""),
        ),
        remittance=sepa.get("SVWZ") or sepa[""],
        kind=pieces.get("00", ""),
    )


def _flow(pieces: Sequence[str]) -> str:
    """A full piece goes on in the next one, in the middle of a word; a shorter one was ended on purpose."""
    text = ""
    for piece in pieces:
        text += piece if len(piece) >= _PIECE else f"{piece} "
    return text.strip()


def _sepa(text: str) -> dict[str, str]:
    """The parts by name; what stands before the first under ""; all of it under "" where there is none."""
    parts = _SEPA.split(text)
    found = {"": parts[0].strip() or text}
    for name, value in zip(parts[1::2], parts[2::2], strict=True):
        found.setdefault(name, value.strip())
    return found


def _slashed(text: str) -> Information:
    parts = _SLASHED.split(text)
    said: dict[str, str] = {}
    for name, value in zip(parts[1::2], parts[2::2], strict=True):
        said.setdefault(name, value.strip(" /"))
    # ING: /CNTP/account/BIC/name/city/
    other = [*said.get("CNTP", "").split("/"), "", "", ""]
    return Information(
        counterparty=party(
            said.get("NAME") or other[2],
            account_number=said.get("IBAN") or other[0],
            bic=said.get("BIC") or other[1],
        ),
        remittance=said.get("USTD") or said.get("STRD") or said.get("REMI", "") or said.get("EREF", ""),
        kind=said.get("TRTP") or said.get("TRCD", ""),
    )
