"""The proxy site's settings, all of them from the environment; ``PROXY_`` stands before its own variables."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from foundation import development_keys, logs
from foundation.environment import SiteEnvironment

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

# What the guard takes for suspicious within so many minutes: different connections of other clients, and of nobody,
# that a client asks for; its requests that come twice; its attempts to connect a bank, of which the first limit says
# “wait”. Bad signatures, which anyone can send in its name, are told to the operator from so many on.
GUARD_WINDOW = dt.timedelta(minutes=environment.number("GUARD_MINUTES", 60))
GUARD = {
    "foreign_references": environment.number("GUARD_FOREIGN_REFERENCES", 10),
    "unknown_references": environment.number("GUARD_UNKNOWN_REFERENCES", 100),
    "replays": environment.number("GUARD_REPLAYS", 20),
    "attempts": environment.number("GUARD_ATTEMPTS", 30),
    "attempts_block": environment.number("GUARD_ATTEMPTS_BLOCK", 120),
    "bad_signatures": environment.number("GUARD_BAD_SIGNATURES", 50),
    # Codes sent in a day: for one client, and to one number.
    "codes": environment.number("GUARD_CODES", 10),
    "codes_to_a_number": environment.number("GUARD_CODES_TO_A_NUMBER", 60),
}

# How text messages reach a phone: log, sandbox (its pretend phone), or gateway (an HTTP gateway as set up below).
MESSAGES = environment.text("MESSAGES", "") or "sandbox"
if MESSAGES not in ("log", "sandbox", "gateway"):
    raise ImproperlyConfigured("PROXY_MESSAGES is none of log, sandbox and gateway")
if IS_PRODUCTION and MESSAGES != "gateway":
    environment.problems.append(
        f"PROXY_MESSAGES is {MESSAGES}, which reaches no real phone: set it to gateway, and PROXY_GATEWAY_URL"
    )
MESSAGE_GATEWAY: dict[str, str] = {
    "url": environment.text("GATEWAY_URL", ""),
    "format": environment.text("GATEWAY_FORMAT", "json"),
    "to_field": environment.text("GATEWAY_TO_FIELD", "to"),
    "text_field": environment.text("GATEWAY_TEXT_FIELD", "text"),
    "token_header": environment.text("GATEWAY_TOKEN_HEADER", "Authorization"),
    "token": environment.text("GATEWAY_TOKEN", ""),
}
# What else each message says, such as from=banksync.
MESSAGE_FIELDS = dict(pair.partition("=")[::2] for pair in environment.texts("GATEWAY_FIELDS", []))
if MESSAGE_GATEWAY["format"] not in ("json", "form"):
    raise ImproperlyConfigured("PROXY_GATEWAY_FORMAT is neither json nor form")
if MESSAGES == "sandbox":
    SANDBOX_URL = env.str("SANDBOX_BASE_URL", default="") or "http://127.0.0.1:8002"
    MESSAGE_GATEWAY = {**MESSAGE_GATEWAY, "url": f"{SANDBOX_URL.rstrip('/')}/phone/messages", "format": "json"}
    MESSAGE_GATEWAY |= {"to_field": "to", "text_field": "text", "token": ""}
    MESSAGE_FIELDS = {}
elif IS_PRODUCTION and MESSAGES == "gateway" and not MESSAGE_GATEWAY["url"].startswith("https://"):
    environment.problems.append("PROXY_GATEWAY_URL is not an https address: set it to your message gateway's")

INSTALLED_APPS = [
    # First, so that its templates come before the admin's own.
    "proxy.apps.ProxyConfig",
    "proxy.apps.OperatorAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "csp",
]
# Sessions, cookies and the content policy are for the operators' pages; what clients ask is signed and needs none.
MIDDLEWARE = [
    "proxy.middleware.ReferenceMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "proxy.urls"
WSGI_APPLICATION = "proxy.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
APPEND_SLASH = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# The operators' pages bring a few files of their own; they are served where they lie, so nothing has to be collected.
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

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
FORMAT_MODULE_PATH = "foundation.formats"

# Requests are small; only answers are large.
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024

USES_TLS = BASE_URL.startswith("https://")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.flag("BEHIND_TLS", False) else None
SECURE_SSL_REDIRECT = environment.flag("SSL_REDIRECT", False)
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
SECURE_HSTS_SECONDS = environment.number("HSTS_SECONDS", 31_536_000 if USES_TLS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
# Nothing to other sites. With none at all, browsers would not say where the operators' own forms come from.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# The operators' sign-in.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = USES_TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SILENCED_SYSTEM_CHECKS = [
    # An app beside it asks without TLS inside of their own network; who comes from outside meets TLS before it.
    "security.W008",
]

# The window in which the bank's page was open passes here on its way back, and must stay its opener's to close.
SECURE_CROSS_ORIGIN_OPENER_POLICY = None

# Whoever holds it may read the figures at /metrics. Without it: requests from this very machine alone.
METRICS_TOKEN = environment.text("METRICS_TOKEN", "")
# Where the processes of this site lay down what each of them counts.
METRICS_FOLDER = str(environment.var / "metrics-proxy")

LOGGING = logs.config(
    "proxy", level=environment.text("LOG_LEVEL", "INFO"), layout=environment.text("LOG_FORMAT", environment.log_layout)
)

environment.refuse_problems()
