"""What an operator sells or grants: subscriptions, known by their code."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils import timezone

from proxy.models import Subscription


def grant(code: str, valid_until: dt.date, *, is_trial: bool = False) -> tuple[Subscription, bool]:
    """Makes the subscription with this code valid up to and including that day, or renews the one there is.

    Gives it, and whether it is new. Raises ``ValidationError`` for a day that is over and for what is no code.
    """
    if valid_until < timezone.now().date():
        raise ValidationError(f"{valid_until} is over: give today or a later day.")
    subscription = Subscription.objects.filter(code=code.strip()).first()
    is_new = subscription is None
    subscription = subscription or Subscription(code=code.strip())
    subscription.valid_until, subscription.is_trial = valid_until, is_trial
    subscription.full_clean()
    subscription.save()
    return subscription, is_new
