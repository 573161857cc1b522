"""The proxy site's settings, all of them from the environment; ``PROXY_`` stands before its own variables."""

from __future__ import annotations

from urllib.parse import urlsplit

from foundation import development_keys
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

# Salt Edge is offered where its secret is set; in development the sandbox's is.
SALTEDGE_SECRET_DEFAULT = "sandbox-secret"  # noqa: S105 - as above
SALTEDGE_SECRET = env.str("SALTEDGE_SECRET", default="" if IS_PRODUCTION else SALTEDGE_SECRET_DEFAULT)
if SALTEDGE_SECRET:
    PROVIDERS["saltedge"] = {
        "url": env.str("SALTEDGE_URL", default="http://127.0.0.1:8002/saltedge/api/v6"),
        "app_id": env.str("SALTEDGE_APP_ID", default="sandbox-app-id"),
        "secret": SALTEDGE_SECRET,
        "private_key": env.str("SALTEDGE_PRIVATE_KEY", default=development_keys.SALTEDGE_CLIENT_PRIVATE),
        "callback_key": env.str("SALTEDGE_CALLBACK_KEY", default=development_keys.SALTEDGE_CALLBACK_PUBLIC),
        "with_sandboxes": str(env.bool("SALTEDGE_WITH_SANDBOXES", default=False)).lower(),
    }
    if IS_PRODUCTION and PROVIDERS["saltedge"]["app_id"] in ("", "sandbox-app-id"):
        environment.problems.append("SALTEDGE_APP_ID is the default one: set it to the id of your Salt Edge key")
    if IS_PRODUCTION and SALTEDGE_SECRET == SALTEDGE_SECRET_DEFAULT:
        environment.problems.append(
            "SALTEDGE_SECRET is the default one: set it to the secret of your Salt Edge account"
        )
    if IS_PRODUCTION and PROVIDERS["saltedge"]["private_key"] in ("", development_keys.SALTEDGE_CLIENT_PRIVATE):
        environment.problems.append("SALTEDGE_PRIVATE_KEY is the default one: set it to a key of your own")
    if IS_PRODUCTION and PROVIDERS["saltedge"]["callback_key"] in ("", development_keys.SALTEDGE_CALLBACK_PUBLIC):
        environment.problems.append("SALTEDGE_CALLBACK_KEY is the default one: set it to Salt Edge's public key")
    if IS_PRODUCTION and not PROVIDERS["saltedge"]["url"].startswith("https://"):
        environment.problems.append(
            "SALTEDGE_URL is not https, or points to the sandbox: set it to https://www.saltedge.com/api/v6"
        )

# Ponto is offered where its secret is set; in development the sandbox's is.
PONTO_SECRET_DEFAULT = "sandbox-secret"  # noqa: S105 - as above
PONTO_CLIENT_SECRET = env.str("PONTO_CLIENT_SECRET", default="" if IS_PRODUCTION else PONTO_SECRET_DEFAULT)
if PONTO_CLIENT_SECRET:
    PONTO_URL = env.str("PONTO_URL", default="http://127.0.0.1:8002/ponto").rstrip("/")
    # The sandbox has all of it in one place; Ponto does not.
    PONTO_PLACES = (
        ("https://authorize.myponto.com/oauth2/auth", "https://api.ibanity.com/webhooks/keys")
        if PONTO_URL.startswith("https://")
        else (f"{PONTO_URL}/oauth2/auth", f"{PONTO_URL}/webhooks/keys")
    )
    PROVIDERS["ponto"] = {
        "url": PONTO_URL,
        "page": env.str("PONTO_AUTHORIZE_URL", default=PONTO_PLACES[0]),
        "keys_url": env.str("PONTO_KEYS_URL", default=PONTO_PLACES[1]),
        "issuer": env.str("PONTO_ISSUER", default="https://api.ibanity.com"),
        "application_id": env.str("PONTO_APPLICATION_ID", default="" if IS_PRODUCTION else "sandbox-application"),
        "client_id": env.str("PONTO_CLIENT_ID", default="sandbox-client-id"),
        "client_secret": PONTO_CLIENT_SECRET,
        "callback": f"{BASE_URL}/return/ponto",
        "integration": env.str("PONTO_INTEGRATION", default="connect"),
        "certificate": env.str("PONTO_CERTIFICATE", default=""),
        "certificate_key": env.str("PONTO_CERTIFICATE_KEY", default=""),
        "signature_key": env.str("PONTO_SIGNATURE_KEY", default=""),
        "signature_key_id": env.str("PONTO_SIGNATURE_KEY_ID", default=""),
        "signature_host": env.str("PONTO_SIGNATURE_HOST", default=""),
    }
    if IS_PRODUCTION and PONTO_CLIENT_SECRET == PONTO_SECRET_DEFAULT:
        environment.problems.append("PONTO_CLIENT_SECRET is the default one: set it to that of your application")
    if IS_PRODUCTION and not PONTO_URL.startswith("https://"):
        environment.problems.append(
            "PONTO_URL is not https, or points to the sandbox: set it to https://api.ibanity.com/ponto-connect"
        )
    if IS_PRODUCTION and PROVIDERS["ponto"]["client_id"] in ("", "sandbox-client-id"):
        environment.problems.append("PONTO_CLIENT_ID is the default one: set it to that of your application")
    if IS_PRODUCTION and not (PROVIDERS["ponto"]["application_id"] or PROVIDERS["ponto"]["integration"] == "custom"):
        environment.problems.append("PONTO_APPLICATION_ID is not set: Ponto's webhooks could not be verified")
    if PROVIDERS["ponto"]["integration"] not in ("connect", "custom"):
        environment.problems.append("PONTO_INTEGRATION is neither connect nor custom")

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
if IS_PRODUCTION and DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    environment.problems.append(
        "PROXY_DATABASE_URL is not that of a server: the embedded database serves one machine only"
    )
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
