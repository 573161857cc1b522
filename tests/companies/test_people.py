"""Who is in a company: invitations by e-mail, roles, and people who leave."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Company, Invitation, Membership, User
from companies.services import invitations, people
from connections.services import chatter
from tests.factories import PASSWORD, make_company, make_connection, make_user
from tests.pages.elements import read
from tests.sessions import browser_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tasks_at_once")]
EMAIL = "new@books.example"
JOIN = {"first_name": "Nora", "last_name": "New", "password": "correct horse battery"}


def invite(client: Client, email: str = EMAIL, role: str = "accountant") -> str:
    """Invites somebody; gives the path of the link in their mail."""
    count = len(mail.outbox)
    assert client.post(reverse("invite"), {"email": email, "role": role}).status_code == 302
    assert len(mail.outbox) == count + 1
    return link_in(mail.outbox[-1])


def link_in(message: mail.EmailMessage) -> str:
    [path] = re.findall(r"http://127\.0\.0\.1:8000(/invitations/\S+)", str(message.body))
    return str(path)


def place(company: Company, email: str) -> Membership:
    return Membership.objects.get(company=company, user__email=email)


def test_an_invited_person_chooses_a_password_and_is_in() -> None:
    company = make_company(name="Books Ltd")
    link = invite(signed_in(company, role="admin"), "New@Books.example", role="admin")
    message = mail.outbox[-1]
    assert message.to == [EMAIL]
    assert message.subject == "Invitation to the books of Books Ltd"
    assert isinstance(message, mail.EmailMultiAlternatives)
    assert [kind for _html, kind in message.alternatives] == ["text/html"]
    browser = Client()
    page = read(browser.get(link).content)
    assert "Books Ltd" in page.one("h1").text
    answer = browser.post(link, JOIN, follow=True)
    assert answer.redirect_chain == [(reverse("dashboard"), 302)]
    joined = place(company, EMAIL)
    assert (str(joined.user), joined.role) == ("Nora New", "admin")
    assert joined.user.check_password(JOIN["password"])


def test_a_link_works_once() -> None:
    link = invite(signed_in(make_company(), role="admin"))
    assert Client().post(link, JOIN).status_code == 302
    assert Client().get(link).status_code == 410
    assert Client().post(link, {**JOIN, "password": "another one entirely"}).status_code == 410
    assert User.objects.get(email=EMAIL).check_password(JOIN["password"])


def test_a_link_ends_after_a_week_and_can_be_sent_again() -> None:
    company = make_company()
    admin = signed_in(company, role="admin")
    old = invite(admin)
    with time_machine.travel(timezone.now() + dt.timedelta(days=8)):
        assert Client().get(old).status_code == 410
        admin = signed_in(company, role="admin")
        assert "The link has ended" in read(admin.get(reverse("people")).content).one("main").text
        admin.post(reverse("resend_invitation", args=[Invitation.objects.get().pk]))
        assert Client().get(link_in(mail.outbox[-1])).status_code == 200
        assert Client().get(old).status_code == 410


@pytest.mark.parametrize("change", [lambda link: link[:-3] + "x/", lambda link: "/invitations/nothing/"])
def test_a_link_that_nobody_sent_is_refused(change: Callable[[str], str]) -> None:
    link = invite(signed_in(make_company(), role="admin"))
    assert Client().get(change(link)).status_code == 410


def test_a_withdrawn_invitation_is_worth_nothing() -> None:
    admin = signed_in(make_company(), role="admin")
    link = invite(admin)
    admin.post(reverse("withdraw_invitation", args=[Invitation.objects.get().pk]))
    assert Client().get(link).status_code == 410
    assert not Invitation.objects.exists()


def test_an_invitation_that_is_accepted_while_it_is_sent_again_stays_accepted() -> None:
    link = invite(signed_in(make_company(), role="admin"))
    seen = Invitation.objects.get()
    Client().post(link, JOIN)
    invitations.renew(seen)
    assert Invitation.objects.get().accepted_at is not None
    assert Client().get(f"/invitations/{invitations.token_of(seen)}/").status_code == 410


def test_of_an_invitation_that_ends_between_its_page_and_the_answer_the_end_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    link = invite(signed_in(make_company(), role="admin"))
    seen = Invitation.objects.select_related("company", "invited_by").get()
    invitations.withdraw(seen)
    # What another process has read a moment before.
    monkeypatch.setattr(invitations, "find", lambda _token: seen)
    assert Client().post(link, JOIN).status_code == 410
    assert not User.objects.filter(email=EMAIL).exists()


@pytest.mark.parametrize("password", ["short", "password123", ""])
def test_an_easy_password_is_a_sentence_and_lets_nobody_in(password: str) -> None:
    link = invite(signed_in(make_company(), role="admin"))
    answer = Client().post(link, {**JOIN, "password": password})
    assert answer.status_code == 422
    page = read(answer.content)
    assert page.described(page.labelled("password"))
    assert not User.objects.filter(email=EMAIL).exists()


def test_somebody_who_signs_in_already_does_so_and_accepts() -> None:
    company = make_company()
    person = make_user(EMAIL, company=make_company())
    link = invite(signed_in(company, role="admin"))
    anybody = Client()
    assert "Sign in with your password" in read(anybody.get(link).content).one("main").text
    anybody.post(link, JOIN)
    assert not company.memberships.filter(user=person).exists()
    stranger = signed_in(make_company())
    stranger.post(link)
    assert not company.memberships.filter(user=person).exists()
    browser = browser_of(person)
    assert browser.post(link, follow=True).redirect_chain == [(reverse("dashboard"), 302)]
    assert place(company, EMAIL).role == "accountant"
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_who_is_in_already_is_not_invited() -> None:
    company = make_company()
    make_user(EMAIL, company=company)
    answer = signed_in(company, role="admin").post(reverse("invite"), {"email": EMAIL, "role": "admin"})
    assert answer.status_code == 422
    assert "is in this company already" in answer.content.decode()
    assert mail.outbox == []


def test_a_second_invitation_replaces_the_first() -> None:
    admin = signed_in(make_company(), role="admin")
    old = invite(admin)
    new = invite(admin, role="admin")
    assert Client().get(old).status_code == 410
    assert Client().get(new).status_code == 200
    assert Invitation.objects.get().role == "admin"


def test_the_last_administrator_stays_one() -> None:
    company = make_company()
    boss = make_user(company=company, role="admin")
    client = browser_of(boss)
    own = place(company, boss.email)
    for address, data in (("change_role", {"role": "accountant"}), ("remove_person", {})):
        answer = client.post(reverse(address, args=[own.pk]), data, follow=True)
        assert "the only administrator" in read(answer.content).one("main").text
    own.refresh_from_db()
    assert own.role == "admin"


def test_an_administrator_who_cannot_sign_in_does_not_count() -> None:
    company = make_company()
    boss = make_user(company=company, role="admin")
    User.objects.filter(pk=make_user(company=company, role="admin").pk).update(is_active=False)
    with pytest.raises(people.LastAdministrator):
        people.remove(place(company, boss.email), by=boss)


def test_a_role_is_changed_where_somebody_else_looks_after_the_company() -> None:
    company = make_company()
    other = make_user(company=company)
    client = signed_in(company, role="admin")
    client.post(reverse("change_role", args=[place(company, other.email).pk]), {"role": "admin"})
    assert place(company, other.email).role == "admin"
    client.post(reverse("change_role", args=[place(company, other.email).pk]), {"role": "king"})
    assert place(company, other.email).role == "admin"


def test_who_is_removed_sees_nothing_any_more_and_what_they_wrote_stays() -> None:
    company = make_company()
    person = make_user(company=company)
    connection = make_connection(company)
    chatter.add_note(connection, person, text="I called the bank.")
    browser, admin = browser_of(person), signed_in(company, role="admin")
    assert browser.get(reverse("connection", args=[connection.pk])).status_code == 200
    address = reverse("remove_person", args=[place(company, person.email).pk])
    assert person.email in read(admin.get(address).content).one("h1").text
    admin.post(address)
    assert browser.get(reverse("connection", args=[connection.pk])).status_code == 403
    page = read(admin.get(reverse("connection", args=[connection.pk])).content).one("main").text
    assert "I called the bank." in page
    assert person.email in page


def test_an_accountant_sees_who_is_there_and_changes_nothing() -> None:
    company = make_company()
    other = place(company, make_user(company=company).email)
    invitation = invitations.invite(company, EMAIL, role="admin", by=other.user)
    client = signed_in(company)
    page = read(client.get(reverse("people")).content).one("main")
    assert other.user.email in page.text
    assert EMAIL in page.text
    assert page.all("form") == []
    posts = [
        (reverse("invite"), {"email": "x@books.example", "role": "admin"}),
        (reverse("change_role", args=[other.pk]), {"role": "admin"}),
        (reverse("remove_person", args=[other.pk]), {}),
        (reverse("resend_invitation", args=[invitation.pk]), {}),
        (reverse("withdraw_invitation", args=[invitation.pk]), {}),
    ]
    for address, data in posts:
        assert client.post(address, data).status_code == 403, address
    assert client.get(reverse("remove_person", args=[other.pk])).status_code == 403
    assert (company.memberships.count(), Invitation.objects.count(), mail.outbox) == (2, 1, [])


def test_people_of_another_company_do_not_exist() -> None:
    theirs = make_company()
    other = place(theirs, make_user(company=theirs).email)
    invitation = invitations.invite(theirs, EMAIL, role="admin", by=other.user)
    client = signed_in(make_company(), role="admin")
    assert client.post(reverse("change_role", args=[other.pk]), {"role": "admin"}).status_code == 404
    assert client.post(reverse("remove_person", args=[other.pk])).status_code == 404
    assert client.post(reverse("resend_invitation", args=[invitation.pk])).status_code == 404
    assert client.post(reverse("withdraw_invitation", args=[invitation.pk])).status_code == 404
    assert client.get(reverse("people")).content.decode().count(other.user.email) == 0
