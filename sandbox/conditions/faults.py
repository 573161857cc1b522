"""Faults that tests and demos arm: which there are, and which one happens to a call.

Most happen instead of an answer. Those *in content* spoil an answer that has something to spoil, and only such
answers are counted for them.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, NamedTuple

import msgspec
from django.db import transaction
from django.db.models import F

from sandbox.conditions.models import ArmedFault

Count = Annotated[int, msgspec.Meta(ge=0)]


class Fault(msgspec.Struct, tag_field="kind", kw_only=True, forbid_unknown_fields=True):
    """When a fault happens. ``route`` is the provider's path (``/transactions/sync``), ``*`` any."""

    is_in_content: ClassVar[bool] = False

    route: Annotated[str, msgspec.Meta(pattern=r"^(/|\*$)", max_length=200)]
    times: Annotated[int, msgspec.Meta(ge=1)] | None = 1
    after: Count = 0
    institution_id: str = ""
    item_id: str = ""
    account_id: str = ""


class Status500(Fault, tag="status_500"):
    """The provider's own error object with status 500."""


class Html(Fault, tag="html"):
    """A gateway's error page with status 502."""


class BrokenJson(Fault, tag="broken_json"):
    """The right answer with status 200, cut off in the middle."""


class Drop(Fault, tag="drop"):
    """The connection is closed without an answer; ``after_work`` when all was done and only the answer is lost."""

    after_work: bool = False


class Slow(Fault, tag="slow"):
    """The right answer, late."""

    seconds: Annotated[float, msgspec.Meta(ge=0, le=120)] = 5


class RateLimit(Fault, tag="rate_limit"):
    """Too many requests, with status 429."""


class Mutation(Fault, tag="mutation"):
    """The data changed while it was being paged through."""


class ProviderError(Fault, tag="plaid_error"):
    """Any error of the provider, by its names."""

    error_type: str
    error_code: str
    error_message: str = "armed in the sandbox"
    display_message: str | None = None
    status: Annotated[int, msgspec.Meta(ge=400, le=599)] = 400


class UnreadableAmount(Fault, tag="unreadable_amount"):
    """The first transaction's amount is a word."""

    is_in_content: ClassVar[bool] = True
    word: str = "twelve"


class UnknownCurrency(Fault, tag="unknown_currency"):
    """The first transaction's currency is none: an unknown code, an unofficial one, or no code at all."""

    is_in_content: ClassVar[bool] = True
    variant: Literal["unknown", "unofficial", "none"] = "unknown"
    code: str = "XQQ"


class UnknownRemoved(Fault, tag="unknown_removed"):
    """An id is told to be removed that was never told of."""

    is_in_content: ClassVar[bool] = True


class Shape(Fault, tag="shape"):
    """The right answer in another of the shapes that a provider is seen to send."""

    is_in_content: ClassVar[bool] = True
    name: Literal[
        "old_customer",
        "number_ids",
        "scientific",
        "spent_only",
        "short_links",
        "no_paging",
        "bare_rows",
        "strict_rotation",
    ]


AnyFault = (
    Status500
    | Html
    | BrokenJson
    | Drop
    | Slow
    | RateLimit
    | Mutation
    | ProviderError
    | UnreadableAmount
    | UnknownCurrency
    | UnknownRemoved
    | Shape
)


class Target(NamedTuple):
    """What a call is about, as far as it says so."""

    route: str
    institution_id: str = ""
    item_id: str = ""
    account_id: str = ""


def arm(fault: AnyFault) -> ArmedFault:
    """Lets a fault wait for its calls."""
    spec = msgspec.to_builtins(fault)
    columns = {
        name: spec[name] for name in ("route", "kind", "times", "after", "institution_id", "item_id", "account_id")
    }
    return ArmedFault.objects.create(spec=spec, is_in_content=fault.is_in_content, **columns)


def disarm() -> None:
    """Takes all faults away."""
    ArmedFault.objects.all().delete()


def described() -> list[dict[str, Any]]:
    """Every armed fault as it was armed, with how often it let a call pass and how often it happened."""
    return [
        {"id": armed.pk, **armed.spec, "passed": armed.passed, "happened": armed.happened}
        for armed in ArmedFault.objects.order_by("pk")
    ]


def happening(target: Target, *, in_content: bool) -> AnyFault | None:
    """The fault that happens to this call now, or ``None``. Asking counts: each call asks once of either kind.

    Ids and routes are compared letter by letter, case included.
    """
    candidates = ArmedFault.objects.waiting().filter(route__in=(target.route, "*"), is_in_content=in_content)
    if not candidates.exists():
        return None
    with transaction.atomic():
        for armed in candidates.select_for_update().order_by("pk"):
            if not _is_about(armed, target):
                continue
            if armed.passed < armed.after:
                ArmedFault.objects.filter(pk=armed.pk).update(passed=F("passed") + 1)
                continue
            ArmedFault.objects.filter(pk=armed.pk).update(happened=F("happened") + 1)
            return msgspec.convert(armed.spec, AnyFault)
    return None


def _is_about(armed: ArmedFault, target: Target) -> bool:
    return (
        armed.institution_id in ("", target.institution_id)
        and armed.item_id in ("", target.item_id)
        and armed.account_id in ("", target.account_id)
    )
