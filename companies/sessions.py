"""Who is there: the session and the person of a request, each asked for with a question that is prepared."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import BigAutoField, CharField, DateTimeField
from django.utils import timezone

from companies.models import User
from foundation.prepared import Given, Prepared


class SessionStore(db.SessionStore):
    """Django's sessions in the database."""

    def _get_session_from_db(self) -> Session | None:
        found = _session(key=self.session_key, now=timezone.now())
        if not found:
            self._session_key = None
            return None
        return found[0]


class PersonBackend(ModelBackend):
    """Django's own sign-in with a password."""

    def get_user(self, user_id: Any) -> User | None:
        """The person of a session, as long as they may sign in."""
        found = _person(key=user_id)
        return found[0] if found and self.user_can_authenticate(found[0]) else None


_session = Prepared(
    lambda: Session.objects.filter(session_key=Given("key", CharField()), expire_date__gt=Given("now", DateTimeField()))
)
_person = Prepared(lambda: User.objects.filter(pk=Given("key", BigAutoField())))
