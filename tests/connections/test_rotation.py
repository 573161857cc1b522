"""The companies' own keys go to a new sealing key, and the old one can go."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from connections.models import ProxyRegistration
from foundation.sealing import current_key_id
from providers import signing
from tests.factories import make_company

pytestmark = pytest.mark.django_db


def make_registration(private_key: str) -> ProxyRegistration:
    registration = ProxyRegistration(company=make_company(), public_key=signing.public_key_of(private_key))
    registration.keep_private_key(private_key)
    registration.save()
    return registration


def rotate(*arguments: str) -> str:
    out = StringIO()
    call_command("rotate_keys", *arguments, stdout=out)
    return out.getvalue()


def test_every_registration_goes_to_the_new_key(settings: Settings) -> None:
    keys = [signing.generate_private_key() for _ in range(3)]
    rows = [make_registration(key) for key in keys]
    settings.SEALING_KEYS = ["the new key", *settings.SEALING_KEYS]
    assert "left on older keys: 3" in rotate("--count")
    said = rotate()
    assert "sealed anew: 3 registrations" in said
    assert f"key {current_key_id()} (the current one): 3 values\nleft on older keys: 0" in said
    settings.SEALING_KEYS = ["the new key"]
    assert [ProxyRegistration.objects.get(pk=row.pk).private_key() for row in rows] == keys
    assert "sealed anew: 0 registrations" in rotate()


def test_one_that_does_not_open_is_named_and_stays(settings: Settings) -> None:
    lost, good = (make_registration(signing.generate_private_key()) for _ in range(2))
    ProxyRegistration.objects.filter(pk=lost.pk).update(sealed_private_key="v1.deadbeef.AAAA")
    settings.SEALING_KEYS = ["the new key", *settings.SEALING_KEYS]
    with pytest.raises(CommandError, match=str(lost.pk)):
        rotate()
    settings.SEALING_KEYS = ["the new key"]
    assert ProxyRegistration.objects.get(pk=good.pk).private_key()
