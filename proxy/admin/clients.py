"""Clients: who calls, until when, last seen when; blocked, disconnected and let in again, each with a reason."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.formats import date_format

from proxy.admin.read_only import ReadOnlyAdmin
from proxy.models import AuditEntry, Client
from proxy.services import operators, standing

Status = Client.Status


class WhyForm(forms.Form):
    """What is written down beside the doing."""

    why = forms.CharField(
        label="Why",
        max_length=500,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text="It is written down with your name, and told to whoever looks after this client later.",
        error_messages={"required": "Say why: who looks after this client later has nothing else to go by."},
    )


@dataclass(frozen=True)
class Deed:
    """One thing an operator does to clients: its words, in which states it can be done, and what does it."""

    title: str
    effect: str
    states: set[str]
    service: Callable[..., bool]


DEEDS = {
    "block": Deed(
        "Block",
        effect="Everything but reactivation is refused until the code sent to the registered phone is entered.",
        states={Status.ACTIVE},
        service=standing.block,
    ),
    "unblock": Deed(
        "Unblock",
        effect="The client may call again at once, without a code.",
        states={Status.BLOCKED},
        service=standing.unblock,
    ),
    "disconnect": Deed(
        "Disconnect",
        effect="The key of the client is refused for good; its connections stay, and wait until it is allowed again.",
        states={Status.ACTIVE, Status.BLOCKED},
        service=standing.disconnect,
    ),
    "allow_again": Deed(
        "Allow again",
        effect="For seven days the client may come back: with a new key, and the code sent to its phone.",
        states={Status.DISCONNECTED},
        service=standing.allow_again,
    ),
}


@admin.register(Client)
class ClientAdmin(ReadOnlyAdmin):
    """Nothing of a client is written by hand. What can be done to it asks why first."""

    sealed = ("code_digest",)
    related = ("subscription",)
    list_display = ("name", "client_id", "status", "subscription_until", "phone", "last_seen", "created_at")
    list_filter = ("status", "subscription__is_trial", "subscription__valid_until", "created_at")
    search_fields = ("name", "=subscription__code", "=phone_number")
    search_help_text = "By name, client id, whole subscription code, or whole phone number."
    fields = (
        "name",
        "client_id",
        "status",
        "subscription",
        "phone",
        "phone_confirmed_at",
        "may_return_until",
        "last_seen",
        "created_at",
    )
    readonly_fields = ("phone", "last_seen")
    ordering = ("name", "client_id")
    change_form_template = "proxy/client_page.html"
    actions = ("block", "unblock", "disconnect", "allow_again")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Client]:
        seen = AuditEntry.objects.filter(client=OuterRef("pk")).order_by("-at").values("at")[:1]
        return super().get_queryset(request).annotate(seen_at=Subquery(seen))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Client], search_term: str
    ) -> tuple[QuerySet[Client], bool]:
        try:
            return queryset.filter(pk=uuid.UUID(search_term.strip())), False
        except ValueError:
            return super().get_search_results(request, queryset, search_term)

    @admin.display(description="subscription until", ordering="subscription__valid_until")
    def subscription_until(self, client: Client) -> str:
        trial = " (trial)" if client.subscription.is_trial else ""
        return f"{client.subscription.valid_until}{trial}"

    @admin.display(description="phone number")
    def phone(self, client: Client) -> str:
        number = str(client.phone_number)
        return f"{number[:3]} ··· ·· {number[-2:]}" if number else "–"

    @admin.display(description="last seen", ordering="seen_at")
    def last_seen(self, client: Client) -> str:
        seen_at = getattr(client, "seen_at", None)
        return date_format(seen_at, "DATETIME_FORMAT") if seen_at else "–"

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.deed_page)
        return [path("<path:object_id>/deeds/<slug:name>/", page, name="proxy_client_deed"), *super().get_urls()]

    def deed_page(self, request: HttpRequest, object_id: str, name: str) -> HttpResponseBase:
        """From a client's own page: why is asked here, and done where it is done for many."""
        client = self.get_object(request, object_id)
        if client is None or name not in DEEDS:
            raise Http404
        if request.method != "GET" or not self.has_operate_permission(request):
            raise PermissionDenied
        if client.status not in DEEDS[name].states:
            messages.warning(request, f"{DEEDS[name].title}: not possible, the client is {client.status}.")
            return redirect("admin:proxy_client_change", client.pk)
        return self._ask_why(request, name, form=WhyForm(), fitting=[client], others=0)

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("proxy.change_client"))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method == "POST" and request.POST.get("action") not in DEEDS:
            raise PermissionDenied
        return admin.ModelAdmin.changelist_view(self, request, extra_context)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Client | None = None,
    ) -> HttpResponse:
        if obj is not None and self.has_operate_permission(request):
            context["deeds"] = [(name, deed) for name, deed in DEEDS.items() if obj.status in deed.states]
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)

    @admin.action(description="Block…", permissions=["operate"])
    def block(self, request: HttpRequest, chosen: QuerySet[Client]) -> HttpResponse | None:
        return self._do(request, chosen, name="block")

    @admin.action(description="Unblock…", permissions=["operate"])
    def unblock(self, request: HttpRequest, chosen: QuerySet[Client]) -> HttpResponse | None:
        return self._do(request, chosen, name="unblock")

    @admin.action(description="Disconnect…", permissions=["operate"])
    def disconnect(self, request: HttpRequest, chosen: QuerySet[Client]) -> HttpResponse | None:
        return self._do(request, chosen, name="disconnect")

    @admin.action(description="Allow again…", permissions=["operate"])
    def allow_again(self, request: HttpRequest, chosen: QuerySet[Client]) -> HttpResponse | None:
        return self._do(request, chosen, name="allow_again")

    def _do(self, request: HttpRequest, chosen: QuerySet[Client], *, name: str) -> HttpResponse | None:
        """Asks why, and with the answer does it to each chosen client that is in a state for it."""
        deed = DEEDS[name]
        rows = list(chosen)
        fitting = [client for client in rows if client.status in deed.states]
        form = WhyForm(request.POST if "why" in request.POST else None)
        if fitting and not form.is_valid():
            return self._ask_why(request, name, form=form, fitting=fitting, others=len(rows) - len(fitting))
        # What somebody else did meanwhile is not done again, and is said.
        done = [client for client in fitting if _do_one(request, client, name=name, why=form.cleaned_data["why"])]
        if done:
            messages.success(request, f"{deed.title}: done for {', '.join(client.name for client in done)}.")
        if len(done) < len(rows):
            left = ", ".join(f"{client.name} ({client.status})" for client in rows if client not in done)
            messages.warning(request, f"{deed.title}: not possible for {left}.")
        return None

    def _ask_why(
        self, request: HttpRequest, name: str, *, form: WhyForm, fitting: list[Client], others: int
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": DEEDS[name].title,
            "deed": DEEDS[name],
            "name": name,
            "form": form,
            "fitting": fitting,
            "others": others,
            "checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "proxy/why.html", context, status=422 if form.is_bound else 200)


@transaction.atomic
def _do_one(request: HttpRequest, client: Client, *, name: str, why: str) -> bool:
    """Does it to one client and writes down who it was, in one commit; gives whether there was anything to do."""
    operator = request.user.get_username()
    is_done = bool(DEEDS[name].service(client, by=operator, why=why))
    if is_done:
        operators.note(operator, name, client=client, why=why)
    return is_done
