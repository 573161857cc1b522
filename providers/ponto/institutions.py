"""Banks as Ponto knows them, looked up one by one and remembered for a day: their names and their time zones."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from providers.decoding import decode
from providers.errors import NotFound
from providers.ponto import parse
from providers.ponto.api import PontoApi

REMEMBERED_SECONDS = 86_400
MOST_REMEMBERED = 5_000


@dataclass
class Institutions:
    """``_known``: when it was looked up, and what was found."""

    api: PontoApi
    _known: dict[str, tuple[float, parse.InstitutionAttributes | None]] = field(default_factory=dict)

    def zone(self, institution: str, *, token: str) -> ZoneInfo:
        """The time zone of a bank, Ponto's own for an unknown one."""
        found = self._find(institution, token=token)
        return parse.zone_named(found.time_zone if found else None)

    def title(self, institution: str, *, token: str) -> str:
        """The name of a bank, its id for an unknown one."""
        found = self._find(institution, token=token)
        return found.name if found else institution

    def _find(self, institution: str, *, token: str) -> parse.InstitutionAttributes | None:
        at, found = self._known.get(institution, (None, None))
        if at is None or time.monotonic() - at > REMEMBERED_SECONDS:
            found = self._look_up(institution, token=token)
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[institution] = (time.monotonic(), found)
        return found

    def _look_up(self, institution: str, *, token: str) -> parse.InstitutionAttributes | None:
        try:
            one = self.api.get(f"/financial-institutions/{institution}", parse.One, token=token)
        except NotFound:
            return None
        return decode(one.data, parse.Institution, sender=parse.TITLE, within="$.data").attributes
