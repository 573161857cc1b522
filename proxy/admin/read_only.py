"""Rows that are looked at and never written by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

# Columns that are never read for a page, from wherever they are reached.
SEALED = {
    "grant": ("sealed_secret", "sealed_previous"),
    "updates": ("sealed_secret", "sealed_previous"),
    "client": ("code_digest",),
}


class ReadOnlyAdmin(admin.ModelAdmin):
    """Lists and shows, and refuses everything that would change something.

    ``sealed`` names the model's own columns that are never read; ``related`` the rows that its pages name.
    """

    sealed: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    list_per_page = 50
    # A second count over a large table says nothing that is worth its time.
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        beyond = [f"{name}__{column}" for name in self.related for column in SEALED.get(name, ())]
        rows = super().get_queryset(request)
        return (rows.select_related(*self.related) if self.related else rows).defer(*self.sealed, *beyond)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method == "POST":
            raise PermissionDenied
        return super().changelist_view(request, extra_context)
