"""Why the books and the bank differ: everything that can make a difference, with its amount where that is known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import combinations

from django.db.models import Min, Q
from django.db.models.fields.json import KT
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from companies.templatetags.formats import day as written
from providers.types import TransactionData
from statements.models import Journal, RemovedLine, ReviewItem, StatementLine, SyncRun
from statements.services import duplicates, proven

# Among so few, any that make the difference together are looked for: 4,095 sums at most.
_FEW = 12
_YEAR = dt.timedelta(days=366)
ZERO = Decimal(0)


class Kind(StrEnum):
    """What can make a difference."""

    LOCKED = "locked"
    SUSPECTED = "suspected"
    CURRENCY = "currency"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    KEPT = "kept"
    TAKEN_OUT = "taken_out"
    BY_HAND = "by_hand"
    TWINS = "twins"
    PENDING = "pending"
    NOT_READ = "not_read"


# Each kind in a sentence.
_WORDS = {
    Kind.LOCKED: ngettext_lazy(
        "%(n)d transaction waits in the locked period.", "%(n)d transactions wait in the locked period.", "n"
    ),
    Kind.SUSPECTED: ngettext_lazy(
        "%(n)d transaction waits because it is perhaps there already.",
        "%(n)d transactions wait because they are perhaps there already.",
        "n",
    ),
    Kind.CURRENCY: ngettext_lazy(
        "%(n)d transaction in another currency was not booked.",
        "%(n)d transactions in another currency were not booked.",
        "n",
    ),
    Kind.CHANGED: ngettext_lazy(
        "%(n)d line was changed by the bank, which waits for a decision.",
        "%(n)d lines were changed by the bank, which wait for a decision.",
        "n",
    ),
    Kind.WITHDRAWN: ngettext_lazy(
        "%(n)d line was taken back by the bank, which waits for a decision.",
        "%(n)d lines were taken back by the bank, which wait for a decision.",
        "n",
    ),
    Kind.KEPT: ngettext_lazy(
        "%(n)d line was kept as it was against the bank.", "%(n)d lines were kept as they were against the bank.", "n"
    ),
    Kind.TAKEN_OUT: ngettext_lazy(
        "%(n)d line was taken out of the books.", "%(n)d lines were taken out of the books.", "n"
    ),
    Kind.BY_HAND: ngettext_lazy("%(n)d line was entered by hand.", "%(n)d lines were entered by hand.", "n"),
    Kind.TWINS: ngettext_lazy("%(n)d line looks like a duplicate.", "%(n)d lines look like duplicates.", "n"),
    Kind.PENDING: ngettext_lazy(
        "%(n)d transaction is pending at the bank.", "%(n)d transactions are pending at the bank.", "n"
    ),
    Kind.NOT_READ: ngettext_lazy(
        "Once, days were not read from the bank.", "%(n)d times, days were not read from the bank.", "n"
    ),
}
# The difference is exactly one of them: "%(day)s" is its day.
_EXACTLY_ONE = {
    Kind.LOCKED: gettext_lazy("The difference is exactly the transaction of %(day)s that waits in the locked period."),
    Kind.SUSPECTED: gettext_lazy("The difference is exactly the transaction of %(day)s that is perhaps there already."),
    Kind.CHANGED: gettext_lazy("The difference is exactly what the bank has changed on the line of %(day)s."),
    Kind.WITHDRAWN: gettext_lazy("The difference is exactly the line of %(day)s that the bank took back."),
    Kind.KEPT: gettext_lazy("The difference is exactly the line of %(day)s that was kept against the bank."),
    Kind.TAKEN_OUT: gettext_lazy("The difference is exactly the line of %(day)s that was taken out."),
    Kind.BY_HAND: gettext_lazy("The difference is exactly the line of %(day)s that was entered by hand."),
    Kind.TWINS: gettext_lazy("The difference is exactly the suspected duplicate of %(day)s."),
    Kind.PENDING: gettext_lazy("The difference is exactly the pending transaction of %(day)s."),
}
# The difference is exactly all of one kind together.
_EXACTLY_ALL = {
    Kind.LOCKED: gettext_lazy("The difference is exactly what waits in the locked period."),
    Kind.SUSPECTED: gettext_lazy("The difference is exactly what is perhaps there already."),
    Kind.CHANGED: gettext_lazy("The difference is exactly what the bank has changed."),
    Kind.WITHDRAWN: gettext_lazy("The difference is exactly what the bank took back."),
    Kind.KEPT: gettext_lazy("The difference is exactly what was kept against the bank."),
    Kind.TAKEN_OUT: gettext_lazy("The difference is exactly what was taken out."),
    Kind.BY_HAND: gettext_lazy("The difference is exactly what was entered by hand."),
    Kind.TWINS: gettext_lazy("The difference is exactly the suspected duplicates."),
    Kind.PENDING: gettext_lazy("The difference is exactly what is pending."),
}


@dataclass(frozen=True)
class Effect:
    """One thing that moves our balance away from the bank's by ``amount`` (ours less the bank's; None: unknown)."""

    kind: Kind
    day: dt.date | None
    amount: Decimal | None


@dataclass(frozen=True)
class Cause:
    """All effects of one kind: how many, their sum, the day where it is one; ``is_part`` of what explains exactly."""

    kind: Kind
    count: int
    amount: Decimal | None
    day: dt.date | None
    is_part: bool

    @property
    def words(self) -> str:
        """What it is, in one sentence."""
        return str(_WORDS[self.kind] % {"n": self.count})


@dataclass(frozen=True)
class Explanation:
    """What can explain ``difference`` (ours less the bank's), and ``exactly`` in words where something does."""

    difference: Decimal
    causes: Sequence[Cause]
    exactly: str


def explain(
    journal: Journal,
    difference: Decimal,
    *,
    since: dt.datetime | None = None,
    until: dt.date | None = None,
    pending: Sequence[TransactionData] = (),
) -> Explanation:
    """What can explain that our balance less the bank's is ``difference``.

    What happened up to ``since``, when both last agreed, cannot; nor what is booked after the day ``until``.
    ``pending`` is what the bank shows as pending, where somebody has asked it.
    """
    found = [*_in_review(journal, since), *_in_the_books(journal, since), *_not_read(journal), *_pending(pending)]
    effects = [one for one in found if until is None or one.day is None or one.day <= until]
    exact = _exact(effects, difference)
    kinds = {one.kind for one in exact}
    causes = [_cause(kind, effects, is_part=kind in kinds) for kind in Kind if any(one.kind == kind for one in effects)]
    return Explanation(difference=difference, causes=causes, exactly=_exactly(exact, effects))


def _in_review(journal: Journal, since: dt.datetime | None) -> Iterator[Effect]:
    """What the bank says and the books do not, by a decision or for want of one."""
    waiting, kept = Q(decision=""), Q(decision=ReviewItem.Decision.KEEP)
    items = ReviewItem.objects.filter(waiting | kept, journal=journal).order_by("pk")
    if since is not None:
        items = items.filter(Q(created_at__gt=since) | Q(decided_at__gt=since))
    sides = [KT(f"{side}__{name}") for side in ("before", "after") for name in ("booking_date", "amount", "currency")]
    for kind, decision, *said in items.values_list("kind", "decision", *sides):
        before, after = _Side(*said[:3]), _Side(*said[3:])
        amount = _effect_of(kind, before, after, currency=journal.currency)
        if amount != ZERO and not (decision and kind == ReviewItem.Kind.CURRENCY):
            yield Effect(Kind.KEPT if decision else _REVIEWED[kind], after.date or before.date, amount)


_REVIEWED = {
    ReviewItem.Kind.LOCKED: Kind.LOCKED,
    ReviewItem.Kind.SUSPECTED: Kind.SUSPECTED,
    ReviewItem.Kind.CURRENCY: Kind.CURRENCY,
    ReviewItem.Kind.CHANGED: Kind.CHANGED,
    ReviewItem.Kind.REMOVED: Kind.WITHDRAWN,
}


@dataclass(frozen=True)
class _Side:
    """What one side says in a review item, as texts; None where it says nothing."""

    day: str | None
    amount: str | None
    currency: str | None

    @property
    def date(self) -> dt.date | None:
        return dt.date.fromisoformat(self.day) if self.day else None

    def amount_in(self, currency: str) -> Decimal | None:
        return Decimal(self.amount) if self.amount and self.currency == currency else None


def _effect_of(kind: str, before: _Side, after: _Side, *, currency: str) -> Decimal | None:
    """What the books say less what the bank says; None where one of them is in another currency."""
    ours, theirs = before.amount_in(currency), after.amount_in(currency)
    if kind == ReviewItem.Kind.REMOVED:
        return ours
    if kind != ReviewItem.Kind.CHANGED:
        return None if theirs is None else -theirs
    return None if ours is None or theirs is None else ours - theirs


def _in_the_books(journal: Journal, since: dt.datetime | None) -> Iterator[Effect]:
    """Lines that a person put in or took out, and lines that are perhaps there twice."""
    by_hand = journal.lines.filter(origin=StatementLine.Origin.HAND)
    taken_out = RemovedLine.objects.filter(journal=journal, currency=journal.currency)
    taken_out = taken_out.exclude(reason=RemovedLine.Reason.WITHDRAWN)
    if since is not None:
        by_hand, taken_out = by_hand.filter(created_at__gt=since), taken_out.filter(removed_at__gt=since)
    for day, amount in by_hand.values_list("booking_date", "amount"):
        yield Effect(Kind.BY_HAND, day, amount)
    for day, amount in taken_out.values_list("booking_date", "amount"):
        yield Effect(Kind.TAKEN_OUT, day, -amount)
    for line in _twins(journal, since):
        yield Effect(Kind.TWINS, line.booking_date, line.amount)


def _twins(journal: Journal, since: dt.datetime | None) -> list[StatementLine]:
    """Lines that look like another one and came after ``since``, or in the last year."""
    recent = journal.lines.all()
    if since is not None and journal.account is not None:
        runs = SyncRun.objects.filter(connection=journal.account.connection_id, started_at__gt=since)
        recent = recent.filter(run__in=list(runs.values_list("pk", flat=True)))
    else:
        recent = recent.filter(booking_date__gte=timezone.localdate() - _YEAR)
    first = recent.aggregate(first=Min("booking_date"))["first"]
    if first is None:
        return []
    found = duplicates.find(journal, since=first)
    alike = [*found.flagged, *(line for group in found.groups for line in group.lines[1:])]
    return list(recent.filter(pk__in={line.pk for line in alike}))


def _not_read(journal: Journal) -> Iterator[Effect]:
    gaps = proven.gaps_of(journal.account) if journal.account else []
    return (Effect(Kind.NOT_READ, gap.first_day, None) for gap in gaps)


def _pending(pending: Sequence[TransactionData]) -> Iterator[Effect]:
    """Some banks count in what is pending already."""
    return (Effect(Kind.PENDING, one.booking_date, -one.amount) for one in pending)


def _exact(effects: Sequence[Effect], difference: Decimal) -> list[Effect]:
    """The effects that make exactly the difference: one alone, all of a kind, all of some kinds, any of a few."""
    known = [one for one in effects if one.amount is not None]
    alone = next(([one] for one in known if one.amount == difference), [])
    return alone or _whole_kinds(known, difference) or (_any_of(known, difference) if len(known) <= _FEW else [])


def _whole_kinds(effects: Sequence[Effect], difference: Decimal) -> list[Effect]:
    by_kind = [[one for one in effects if one.kind == kind] for kind in Kind]
    groups = [group for group in by_kind if group]
    for size in range(1, len(groups) + 1):
        for chosen in combinations(groups, size):
            together = [one for group in chosen for one in group]
            if _sum(together) == difference:
                return together
    return []


def _any_of(effects: Sequence[Effect], difference: Decimal) -> list[Effect]:
    for size in range(2, len(effects)):
        for chosen in combinations(effects, size):
            if _sum(chosen) == difference:
                return list(chosen)
    return []


def _exactly(exact: Sequence[Effect], effects: Sequence[Effect]) -> str:
    kinds = {one.kind for one in exact}
    if not exact:
        return ""
    if len(exact) == 1 and exact[0].kind in _EXACTLY_ONE:
        return str(_EXACTLY_ONE[exact[0].kind]) % {"day": written(exact[0].day)}
    all_of_them = [one for one in effects if one.kind in kinds]
    if len(kinds) == 1 and len(all_of_them) == len(exact) and exact[0].kind in _EXACTLY_ALL:
        return str(_EXACTLY_ALL[exact[0].kind])
    if len(all_of_them) == len(exact):
        return _("The difference is exactly the marked ones together.")
    days = ", ".join(written(day) for day in sorted({one.day for one in exact if one.day}))
    return _("The difference is exactly some of the marked ones together, those of %(days)s.") % {"days": days}


def _cause(kind: Kind, effects: Sequence[Effect], *, is_part: bool) -> Cause:
    mine = [one for one in effects if one.kind == kind]
    amount = None if any(one.amount is None for one in mine) else _sum(mine)
    return Cause(kind, len(mine), amount, mine[0].day if len(mine) == 1 else None, is_part)


def _sum(effects: Sequence[Effect]) -> Decimal:
    return sum((one.amount for one in effects if one.amount is not None), ZERO)
