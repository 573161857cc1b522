"""Subscriptions: made, renewed, turned from a trial into a paid one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from proxy.models import Subscription
from proxy.services import operators, subscriptions


class SubscriptionForm(forms.ModelForm):
    """Until when, and whether it is a trial."""

    class Meta:
        model = Subscription
        fields = ("code", "valid_until", "is_trial")

    def clean_valid_until(self) -> Any:
        day = self.cleaned_data["valid_until"]
        if day < timezone.now().date():
            raise forms.ValidationError(f"{day} is over: give today or a later day.")
        return day


@admin.register(Subscription)
class SubscriptionAdmin(admin.ModelAdmin):
    """A code never changes, since installations have it in their settings; and who has used it is never forgotten."""

    form = SubscriptionForm
    list_display = ("code", "valid_until", "is_trial", "number_of_clients", "created_at")
    list_filter = ("is_trial", "valid_until")
    search_fields = ("code", "clients__name")
    date_hierarchy = "valid_until"
    ordering = ("valid_until", "code")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscription]:
        return super().get_queryset(request).annotate(clients_count=Count("clients", distinct=True))

    def get_readonly_fields(self, request: HttpRequest, obj: Subscription | None = None) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Subscription | None = None) -> bool:
        return False

    @admin.display(description="clients")
    def number_of_clients(self, subscription: Subscription) -> int:
        return int(getattr(subscription, "clients_count", 0))

    def save_model(self, request: HttpRequest, obj: Subscription, form: Any, change: bool) -> None:
        stored, is_new = subscriptions.grant(obj.code, obj.valid_until, is_trial=obj.is_trial)
        obj.pk = stored.pk
        kind = "trial" if stored.is_trial else "subscription"
        operators.note(
            request.user.get_username(),
            "subscription_made" if is_new else "subscription_renewed",
            subject=f"{kind} {stored.code} until {stored.valid_until}",
        )
