"""What the proxy keeps by itself: bank connections, visits, events, the directory, and the two trails."""

from __future__ import annotations

from django.contrib import admin

from proxy.admin.read_only import ReadOnlyAdmin
from proxy.models import AuditEntry, Event, Flow, Grant, Incident, Institution, OperatorEntry, Standing


@admin.register(Grant)
class GrantAdmin(ReadOnlyAdmin):
    """Bank connections in the vault. What the provider gave for them is neither shown nor read."""

    sealed = ("sealed_secret", "sealed_previous")
    related = ("client",)
    list_display = ("reference", "client", "provider", "institution", "status", "created_at", "revoked_at")
    list_filter = ("status", "provider", "created_at")
    search_fields = ("=reference", "=provider_reference", "institution", "client__name")
    fields = (
        "reference",
        "client",
        "provider",
        "institution",
        "provider_reference",
        "status",
        "renewing_until",
        "created_at",
        "revoked_at",
    )


@admin.register(Flow)
class FlowAdmin(ReadOnlyAdmin):
    """Visits to a bank's page. Where they lead and what came back from there is not shown."""

    sealed = ("sealed_state", "sealed_answer", "return_state", "return_url")
    related = ("client", "grant", "updates")
    list_display = ("id", "client", "institution", "status", "created_at", "returned_at", "expires_at")
    list_filter = ("status", "provider", "created_at")
    search_fields = ("=flow_id", "institution", "client__name")
    fields = (
        "flow_id",
        "client",
        "provider",
        "institution",
        "updates",
        "grant",
        "status",
        "error",
        "created_at",
        "returned_at",
        "claimed_until",
        "expires_at",
    )


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """What happened to connections, as clients are told it."""

    related = ("client", "grant")
    list_display = ("id", "at", "kind", "client", "grant")
    list_filter = ("kind", "at")
    search_fields = ("=grant__reference", "client__name", "kind")
    fields = ("at", "kind", "client", "grant", "detail")
    ordering = ("-id",)


@admin.register(Institution)
class InstitutionAdmin(ReadOnlyAdmin):
    """The directory of banks, as the providers tell it."""

    list_display = ("institution_id", "provider", "sequence", "is_removed")
    list_filter = ("provider", "is_removed")
    search_fields = ("institution_id", "data")
    fields = ("institution_id", "provider", "sequence", "is_removed", "data")
    ordering = ("institution_id",)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Every answered request of a client."""

    related = ("client",)
    list_display = ("at", "reference", "client", "verb", "status_code")
    list_filter = ("at", "status_code")
    search_fields = ("=reference", "verb", "client__name")
    fields = ("at", "reference", "client", "verb", "status_code")
    ordering = ("-at", "-id")


@admin.register(OperatorEntry)
class OperatorEntryAdmin(ReadOnlyAdmin):
    """What operators did, and why."""

    related = ("client",)
    list_display = ("at", "operator", "action", "subject", "why")
    list_filter = ("at", "action", "operator")
    search_fields = ("operator", "subject", "why")
    fields = ("at", "operator", "action", "client", "subject", "why")
    ordering = ("-at", "-id")


@admin.register(Standing)
class StandingAdmin(ReadOnlyAdmin):
    """How clients stood, and what changed it: an operator, the guard, or the code from the phone."""

    related = ("client",)
    list_display = ("at", "client", "kind", "by", "why")
    list_filter = ("at", "kind")
    search_fields = ("client__name", "by", "why")
    fields = ("at", "client", "kind", "by", "why")
    ordering = ("-at", "-id")


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    """What the guard has counted of late."""

    related = ("client",)
    list_display = ("at", "client", "kind", "times")
    list_filter = ("at", "kind")
    search_fields = ("client__name",)
    fields = ("at", "client", "kind", "times")
    ordering = ("-at", "-id")
