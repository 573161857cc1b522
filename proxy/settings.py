"""The proxy site's settings, all of them from the environment; ``PROXY_`` stands before its own variables."""

from __future__ import annotations

from urllib.parse import urlsplit

from foundation.environment import SiteEnvironment, logging_config

environment = SiteEnvironment("proxy", prefix="PROXY_")
env = environment.env

IS_PRODUCTION = environment.is_production
DEBUG = environment.debug()
SECRET_KEY = environment.secret("SECRET_KEY", "proxy-development-secret-key-not-for-production-use-0000")
# The first key seals; the others only open what they once sealed, so that keys can be changed one after the other.
SEALING_KEY_DEFAULT = "proxy-development-sealing-key"
SEALING_KEYS = [key.strip() for key in environment.text("SEALING_KEYS", SEALING_KEY_DEFAULT).split(",") if key.strip()]
if IS_PRODUCTION and (not SEALING_KEYS or SEALING_KEY_DEFAULT in SEALING_KEYS):
    environment.problems.append("PROXY_SEALING_KEYS is the default one: set it to keys of your own")

# Where browsers and the app find this site.
BASE_URL = environment.text("BASE_URL", "http://127.0.0.1:8001").rstrip("/")
ALLOWED_HOSTS = environment.texts("ALLOWED_HOSTS", [urlsplit(BASE_URL).hostname or "", "127.0.0.1", "localhost"])

PLAID_SECRET_DEFAULT = "sandbox-secret"  # noqa: S105 - known to everyone; production refuses it
PROVIDERS = {
    "plaid": {
        "url": env.str("PLAID_URL", default="http://127.0.0.1:8002/plaid"),
        "client_id": env.str("PLAID_CLIENT_ID", default="sandbox-client-id"),
        "secret": env.str("PLAID_SECRET", default=PLAID_SECRET_DEFAULT),
        "client_name": env.str("PLAID_CLIENT_NAME", default="banksync"),
    },
}
if IS_PRODUCTION and PROVIDERS["plaid"]["secret"] in ("", PLAID_SECRET_DEFAULT):
    environment.problems.append("PLAID_SECRET is the default one: set it to the secret of your Plaid account")
if IS_PRODUCTION and not PROVIDERS["plaid"]["url"].startswith("https://"):
    environment.problems.append(
        "PLAID_URL is not https, or points to the sandbox: set it to https://production.plaid.com"
    )

# How codes reach a phone: the dotted path of a function (phone_number, code) -> None.
PHONE_CODE_SENDER = environment.text("PHONE_CODE_SENDER", "proxy.senders.log_code")

INSTALLED_APPS = ["proxy.apps.ProxyConfig"]
MIDDLEWARE = [
    "proxy.middleware.ReferenceMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "proxy.urls"
WSGI_APPLICATION = "proxy.wsgi.application"
TEMPLATES: list[dict[str, object]] = []
APPEND_SLASH = False

DATABASES = environment.database()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False

# Requests are small; only answers are large.
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024

USES_TLS = BASE_URL.startswith("https://")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.flag("BEHIND_TLS", False) else None
SECURE_SSL_REDIRECT = environment.flag("SSL_REDIRECT", False)
SECURE_HSTS_SECONDS = environment.number("HSTS_SECONDS", 31_536_000 if USES_TLS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
SECURE_REFERRER_POLICY = "no-referrer"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    # Cross-site forgery: there are no cookies and no sign-in to borrow; every request that does something is signed.
    "security.W003",
    # An app beside it asks without TLS inside of their own network; who comes from outside meets TLS before it.
    "security.W008",
]

# The window in which the bank's page was open passes here on its way back, and must stay its opener's to close.
SECURE_CROSS_ORIGIN_OPENER_POLICY = None

LOGGING = logging_config("proxy", level=environment.text("LOG_LEVEL", "INFO"))

environment.refuse_problems()
