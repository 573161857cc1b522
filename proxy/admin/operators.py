"""The operators themselves: who may sign in here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest, HttpResponse

from proxy.services import operators

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class OperatorAdmin(UserAdmin):
    """Every change of who may sign in, and with what rights, is written down beside what operators do to clients."""

    list_display = ("username", "email", "is_active", "is_staff", "is_superuser", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    filter_horizontal = ("user_permissions",)
    fieldsets = (
        (None, {"fields": ("username", "password", "email")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser", "user_permissions")}),
    )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        action = "operator_changed" if change else "operator_made"
        operators.note(request.user.get_username(), action, subject=obj.get_username())

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        operators.note(request.user.get_username(), "operator_removed", subject=obj.get_username())
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for removed in queryset:
            operators.note(request.user.get_username(), "operator_removed", subject=removed.get_username())
        super().delete_queryset(request, queryset)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302:
            operators.note(request.user.get_username(), "password_changed", subject=f"operator {id}")
        return response
