"""The people of a company: who they are, and for its administrators who comes and who goes."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from companies import tasks
from companies.access import CompanyRequest, admin_required, company_of, company_required
from companies.forms import InvitationForm, RoleForm
from companies.models import Invitation, Membership
from companies.services import invitations, people


@require_http_methods(["GET", "HEAD"])
@company_required
def people_list(request: HttpRequest) -> HttpResponse:
    """Everybody in the company with their role, and whom a place is offered."""
    return _render(request, InvitationForm())


@require_POST
@admin_required
def invite(request: CompanyRequest) -> HttpResponse:
    """Offers somebody a place by e-mail."""
    form = InvitationForm(request.POST)
    if form.is_valid():
        email, role = form.cleaned_data["email"], form.cleaned_data["role"]
        try:
            _send(request, invitations.invite(company_of(request), email, role=role, by=request.user))
            return redirect("people")
        except ValidationError as error:
            form.add_error("email", error)
    return _render(request, form, status=422)


@require_POST
@admin_required
def resend(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Sends an invitation again, with a new link."""
    invitation = _invitation(request, invitation_id)
    invitations.renew(invitation)
    _send(request, invitation)
    return redirect("people")


@require_POST
@admin_required
def withdraw(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Takes an offer back."""
    invitation = _invitation(request, invitation_id)
    invitations.withdraw(invitation)
    messages.success(request, _("The invitation of %(email)s is withdrawn.") % {"email": invitation.email})
    return redirect("people")


@require_POST
@admin_required
def change_role(request: CompanyRequest, membership_id: int) -> HttpResponse:
    """Gives somebody another role."""
    place = _place(request, membership_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("There is no such role."))
        return redirect("people")
    try:
        people.change_role(place, form.cleaned_data["role"], by=request.user)
    except people.LastAdministrator as error:
        messages.error(request, str(error))
    else:
        role = Membership.Role(form.cleaned_data["role"]).label
        messages.success(request, _("%(person)s is %(role)s now.") % {"person": place.user, "role": role})
    return redirect("people")


@require_http_methods(["GET", "POST"])
@admin_required
def remove(request: CompanyRequest, membership_id: int) -> HttpResponse:
    """Takes somebody's place away, once that was asked."""
    place = _place(request, membership_id)
    if request.method == "POST":
        try:
            people.remove(place, by=request.user)
        except people.LastAdministrator as error:
            messages.error(request, str(error))
        else:
            said = _("%(person)s is no longer in this company. What they wrote stays.")
            messages.success(request, said % {"person": place.user})
        return redirect("people")
    return render(request, "companies/remove_person.html", {"place": place})


def _render(request: HttpRequest, form: InvitationForm, *, status: int = 200) -> HttpResponse:
    company = company_of(request)
    context = {
        "places": company.memberships.select_related("user").order_by("user__first_name", "user__email"),
        "invitations": company.invitations.open(),
        "roles": Membership.Role.choices,
        "form": form,
    }
    return render(request, "companies/people.html", context, status=status)


def _send(request: HttpRequest, invitation: Invitation) -> None:
    tasks.send_invitation.delay(invitation.pk)
    messages.success(request, _("An invitation goes to %(email)s.") % {"email": invitation.email})


def _place(request: HttpRequest, membership_id: int) -> Membership:
    return get_object_or_404(company_of(request).memberships.select_related("user"), pk=membership_id)


def _invitation(request: HttpRequest, invitation_id: int) -> Invitation:
    return get_object_or_404(company_of(request).invitations.open(), pk=invitation_id)
