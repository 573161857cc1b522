"""What stands above every page of a company: at most one banner for each cause, never one for each connection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from companies.models import Company


@dataclass(frozen=True)
class Banner:
    """One cause: ``level`` is what it asks of the reader, ``sentence`` says it all; with ``url`` and ``label`` a way on.

    ``kind`` names the cause; of two banners of one kind, the first is shown. ``broken``: nothing goes on until a
    person does something. ``wait``: a person should know, and may do something. ``off``: it heals by itself.
    """

    kind: str
    level: Literal["broken", "wait", "off"]
    sentence: str
    url: str = ""
    label: str = ""
    reference: str = ""


def banners_for(company: Company) -> list[Banner]:
    """What this company's people must know now, the worst first. A few small queries, however many connections."""
    found = {banner.kind: banner for cause in reversed(_CAUSES) for banner in cause(company)}
    return sorted(found.values(), key=lambda banner: _ORDER.index(banner.level))


_ORDER = ("broken", "wait", "off")
# Each gives the banners of its cause, mostly none.
_CAUSES: tuple[Callable[[Company], list[Banner]], ...] = ()
