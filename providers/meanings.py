"""What a provider's own error means: a row of an adapter's ``ERRORS`` table."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from providers.errors import FeedError
from providers.types import ProviderErrorData


@dataclass(frozen=True)
class Row:
    """The error it stands for, in which words (``""``: the error's own), and when to come back."""

    kind: type[FeedError]
    message: str = ""
    pause: dt.timedelta | None = None

    def error(self, said: ProviderErrorData, *, message: str = "", retry_at: dt.datetime | None = None) -> FeedError:
        """The error with what the provider said. ``message`` is more exact than the row's own.

        ``retry_at`` is the provider's word for when to come back, in the place of the row's pause; where there is no
        pause there is nothing to come back for.
        """
        until = (retry_at or dt.datetime.now(dt.UTC) + self.pause) if self.pause else None
        return self.kind(message or self.message, provider=said, retry_at=until)
