"""Settings of the sandbox, all of them out of the environment; ``SANDBOX_`` stands before its own variables."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONE, SELF

from foundation import development_keys, logs
from foundation.environment import SiteEnvironment

HERE = Path(__file__).resolve().parent
site = SiteEnvironment("sandbox", prefix="SANDBOX_")
if site.is_production:
    site.problems.append("the sandbox runs pretend banks: it does not run in production, connect real ones instead")

DEBUG = site.debug()
SECRET_KEY = site.text("SECRET_KEY", "sandbox-development-secret-key-for-pretend-money-only")
# Pretend banks on a developer's machine answer under any name.
ALLOWED_HOSTS = site.texts("ALLOWED_HOSTS", ["*"])
# Where a browser finds the pretend banks' pages; empty: where the provider's client found the sandbox.
BASE_URL = site.text("BASE_URL", "").rstrip("/")
# Another seed is another world.
SEED = site.text("SEED", "banksync")
# The keys that the Plaid simulator accepts: those that the proxy's provider is set up with.
PLAID_CLIENT_ID = site.env.str("PLAID_CLIENT_ID", default="sandbox-client-id")
PLAID_SECRET = site.env.str("PLAID_SECRET", default="sandbox-secret")

# The same of the Salt Edge simulator, and the keys both sides sign with.
SALTEDGE_APP_ID = site.env.str("SALTEDGE_APP_ID", default="sandbox-app-id")
SALTEDGE_SECRET = site.env.str("SALTEDGE_SECRET", default="sandbox-secret")
SALTEDGE_CLIENT_PUBLIC = development_keys.SALTEDGE_CLIENT_PUBLIC
SALTEDGE_CALLBACK_PRIVATE = development_keys.SALTEDGE_CALLBACK_PRIVATE
# Where it sends its callbacks, as it is entered in its dashboard; one word for each kind is added.
SALTEDGE_CALLBACKS = site.env.str("PROXY_BASE_URL", default="http://127.0.0.1:8001").rstrip("/") + "/webhooks/saltedge"

# The same of the Ponto simulator; the custom ones are those of an organization's own integration.
PONTO_CLIENT_ID = site.env.str("PONTO_CLIENT_ID", default="sandbox-client-id")
PONTO_CLIENT_SECRET = site.env.str("PONTO_CLIENT_SECRET", default="sandbox-secret")
PONTO_CUSTOM_CLIENT_ID = site.text("PONTO_CUSTOM_CLIENT_ID", "sandbox-custom-id")
PONTO_CUSTOM_CLIENT_SECRET = site.text("PONTO_CUSTOM_CLIENT_SECRET", "sandbox-custom-secret")
PONTO_APPLICATION_ID = site.env.str("PONTO_APPLICATION_ID", default="sandbox-application")
# The public half (PEM) of the key that requests must be signed with; without one, a signature is not asked for.
PONTO_SIGNATURE_PUBLIC_KEY = site.text("PONTO_SIGNATURE_PUBLIC_KEY", "")
# Where it sends its messages, as it is entered in its portal; empty for nowhere.
PONTO_WEBHOOK_URL = site.text(
    "PONTO_WEBHOOK_URL",
    site.env.str("PROXY_BASE_URL", default="http://127.0.0.1:8001").rstrip("/") + "/webhooks/ponto",
)

INSTALLED_APPS = [
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "sandbox.conditions.apps.ConditionsConfig",
    "sandbox.plaid.apps.PlaidConfig",
    "sandbox.saltedge.apps.SaltEdgeConfig",
    "sandbox.ponto.apps.PontoConfig",
    "sandbox.phone.apps.PhoneConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
]
ROOT_URLCONF = "sandbox.urls"
WSGI_APPLICATION = "sandbox.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {"builtins": ["django.templatetags.static"]},
    }
]
APPEND_SLASH = False

DATABASES = site.database()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
STATICFILES_DIRS = [HERE / "static"]
WHITENOISE_USE_FINDERS = True

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "img-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
# The app opens a bank's page in a window of its own and looks whether it is still there.
SECURE_CROSS_ORIGIN_OPENER_POLICY = None
SECURE_REFERRER_POLICY = "no-referrer"
SILENCED_SYSTEM_CHECKS = [
    # HTTPS, HSTS and secure cookies: pretend banks on one machine, without cookies and never in production.
    "security.W004",
    "security.W008",
    # Cross-site forgery and framing: there is no sign-in to borrow; the policy above forbids frames.
    "security.W002",
    "security.W003",
    # The secret key signs nothing here.
    "security.W009",
    # Any host name, see ALLOWED_HOSTS.
    "security.W020",
]

LOGGING = logs.config("sandbox", level=site.text("LOG_LEVEL", "INFO"), layout=site.text("LOG_FORMAT", site.log_layout))
# A refused request is logged with its address, and the address of a visit is all one needs to go on with it.
LOGGING["loggers"]["django.request"] = {"level": "ERROR"}

site.refuse_problems()
