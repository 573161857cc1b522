"""Mail leaves by the settings' address, or lies in a folder where nothing is set."""

from __future__ import annotations

from pathlib import Path

import pytest

from foundation.environment import SiteEnvironment


def settings_for(monkeypatch: pytest.MonkeyPatch, var: Path, url: str) -> tuple[SiteEnvironment, dict[str, object]]:
    monkeypatch.setenv("BANKSYNC_VAR", str(var))
    monkeypatch.setenv("EMAIL_URL", url)
    site = SiteEnvironment("banksync")
    return site, site.mail("EMAIL_URL")


def test_an_address_says_where_mail_goes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _site, given = settings_for(monkeypatch, tmp_path, "smtp+tls://me%40books.example:p%2Fw@mail.example.com:587")
    assert given == {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "mail.example.com",
        "EMAIL_PORT": 587,
        "EMAIL_HOST_USER": "me@books.example",
        "EMAIL_HOST_PASSWORD": "p/w",
        "EMAIL_USE_TLS": True,
    }


def test_without_one_each_mail_is_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    site, given = settings_for(monkeypatch, tmp_path, "")
    assert given["EMAIL_FILE_PATH"] == str(tmp_path / "mail")
    assert site.problems == []


def test_production_without_one_is_a_problem(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BANKSYNC_ENV", "production")
    site, _given = settings_for(monkeypatch, tmp_path, "")
    [problem] = site.problems
    assert problem.startswith("EMAIL_URL is not set")
