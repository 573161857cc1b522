"""One site's settings out of the environment: where its data lies, its secrets, and what production refuses."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
# For each SQLite connection: readers never wait for the writer, and a commit survives a killed process.
SQLITE_OPTIONS: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-20000;",
}


@dataclass
class SiteEnvironment:
    """The environment as one site sees it.

    ``prefix`` stands before this site's own variables (``""`` for the app, ``"PROXY_"``, ``"SANDBOX_"``), so that
    the three can share one ``.env`` file. ``problems`` collects what a production start must be refused for.
    """

    site: str
    prefix: str = ""
    env: environ.Env = field(default_factory=environ.Env)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if (ROOT / ".env").exists():
            environ.Env.read_env(str(ROOT / ".env"))
        self.var.mkdir(parents=True, exist_ok=True)

    @property
    def var(self) -> Path:
        """The folder for everything a running site writes: databases, logs, queue."""
        return Path(os.environ.get("BANKSYNC_VAR") or ROOT / "var").resolve()

    @property
    def is_production(self) -> bool:
        return str(self.env.str("BANKSYNC_ENV", default="development")) == "production"

    def name(self, variable: str) -> str:
        """The full name of one of this site's own variables: ``name("SECRET_KEY")`` is ``PROXY_SECRET_KEY``."""
        return f"{self.prefix}{variable}"

    def text(self, variable: str, default: str) -> str:
        return str(self.env.str(self.name(variable), default=default))

    def texts(self, variable: str, default: list[str]) -> list[str]:
        return list(self.env.list(self.name(variable), default=default))

    def number(self, variable: str, default: int) -> int:
        return int(self.env.int(self.name(variable), default=default))

    def flag(self, variable: str, default: bool) -> bool:
        return bool(self.env.bool(self.name(variable), default=default))

    def secret(self, variable: str, development_default: str) -> str:
        """A secret that may have a well-known value in development only."""
        value = self.text(variable, development_default)
        if self.is_production and (not value or value == development_default):
            self.problems.append(f"{self.name(variable)} is the default one: set it to a value of your own")
        return value

    def debug(self) -> bool:
        """Whether Django's DEBUG is on; off unless asked for, refused in production."""
        on = self.flag("DEBUG", False)
        if on and self.is_production:
            self.problems.append(f"{self.name('DEBUG')} is on: unset it")
        return on

    def database(self) -> dict[str, Any]:
        """Django's DATABASES: the URL in ``<prefix>DATABASE_URL``, or a SQLite file of the site's own."""
        url = self.text("DATABASE_URL", "") or f"sqlite:///{self.var / f'{self.site}.sqlite3'}"
        config = dict(environ.Env.db_url_config(url))
        if config["ENGINE"].endswith("sqlite3"):
            config["OPTIONS"] = {**SQLITE_OPTIONS, **config.get("OPTIONS", {})}
            # Tests get a file too: a database in memory locks whole tables and waits for nobody.
            config["TEST"] = {"NAME": str(self.var / f"test-{self.site}.sqlite3")}
        else:
            config.setdefault("CONN_MAX_AGE", 60)
            config.setdefault("CONN_HEALTH_CHECKS", True)
        return {"default": config}

    @property
    def log_layout(self) -> str:
        """How lines of the log are written unless they are asked for otherwise."""
        return "json" if self.is_production else "text"

    def mail(self, variable: str) -> dict[str, Any]:
        """Django's EMAIL_… settings out of an address such as ``smtp+tls://user:password@mail.example.com:587``.

        Without one, a development installation writes each mail into a file under ``mail`` of its folder.
        """
        url = self.text(variable, "")
        if not url:
            if self.is_production:
                self.problems.append(f"{self.name(variable)} is not set: invitations and alarms reach nobody")
            return {
                "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
                "EMAIL_FILE_PATH": str(self.var / "mail"),
            }
        given = environ.Env.email_url_config(url)
        # What the address does not say keeps Django's own default.
        return {name: value for name, value in given.items() if value not in (None, "")}

    def refuse_problems(self) -> None:
        """Stops a production start, naming everything that is wrong at once.

        Raises ``ImproperlyConfigured``. Last line of every settings module.
        """
        if self.is_production and self.problems:
            listed = "\n  - ".join(self.problems)
            raise ImproperlyConfigured(f"The {self.site} site does not start in production:\n  - {listed}")
