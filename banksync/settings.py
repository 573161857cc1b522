"""Settings of the app, all of them out of the environment (.env.example names each)."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlparse

from celery.schedules import crontab, schedule
from csp.constants import NONE, SELF
from kombu import Queue

from foundation import broker, logs
from foundation.environment import ROOT, SiteEnvironment

site = SiteEnvironment("banksync")

# --- what it is ------------------------------------------------------------------------------------------------------
IS_PRODUCTION = site.is_production
DEBUG = site.debug()
SECRET_KEY = site.secret("SECRET_KEY", "development-only-secret-key-of-the-app")
SEALING_KEYS = [key for key in site.secret("SEALING_KEYS", "development-only-sealing-key-of-the-app").split(",") if key]
BASE_URL = site.text("BASE_URL", "http://127.0.0.1:8000").rstrip("/")
PROXY_URL = site.text("PROXY_URL", "http://127.0.0.1:8001").rstrip("/")
SUBSCRIPTION_CODE = site.secret("SUBSCRIPTION_CODE", "DEMO-SUBSCRIPTION")
ALLOWED_HOSTS = site.texts("ALLOWED_HOSTS", [urlparse(BASE_URL).hostname or "localhost", "127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = [BASE_URL]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",  # its own templates, of which the project's replace a few
    "axes",
    "csp",
    "django_htmx",
    "phonenumber_field",
    "companies",
    "connections",
    "statements",
]
MIDDLEWARE = [
    "foundation.remote_address.RemoteAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # Pages of lines shrink to a tenth. Django pads them and masks the one secret in them anew each time (BREACH).
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Sign-in is required everywhere; a page that anyone may open says so itself.
    "companies.middleware.SignInMiddleware",
    "companies.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "companies.middleware.CompanyMiddleware",
    # Last: it puts its own page in the place of a form that was refused because of too many wrong passwords.
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "banksync.urls"
WSGI_APPLICATION = "banksync.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "companies.context.shell",
                "connections.context.banners",
                "statements.context.review_count",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "companies.templatetags.constants",
                "companies.templatetags.icons",
                "companies.templatetags.stamps",
            ],
        },
    }
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- data ------------------------------------------------------------------------------------------------------------
DATABASES = site.database()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "companies.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "companies.sessions.PersonBackend"]
SESSION_ENGINE = "companies.sessions"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = "login"
PHONENUMBER_DEFAULT_REGION = None
PHONENUMBER_DB_FORMAT = "E164"

# --- passwords that are guessed --------------------------------------------------------------------------------------
# Counted in the database, so that every process knows: one person's address from one place, and that place alone.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = site.number("SIGN_IN_FAILURES", 5)
AXES_COOLOFF_TIME = dt.timedelta(minutes=site.number("SIGN_IN_LOCK_MINUTES", 15))
# Somebody who keeps on trying does not lock out the person for ever.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "companies.locks.address_typed"
AXES_LOCKOUT_CALLABLE = "companies.views.signing_in.locked"
# Who signed in when and from where is nobody's business once it went well.
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
# Web servers between a browser and the app, each of which adds the caller's address to X-Forwarded-For.
PROXIES_IN_FRONT = site.number("PROXIES_IN_FRONT", 0)
# A link to set a new password lives a day.
PASSWORD_RESET_TIMEOUT = 24 * 3600

# --- mail ------------------------------------------------------------------------------------------------------------
vars().update(site.mail("EMAIL_URL"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = site.text("MAIL_FROM", "banksync <banksync@localhost>")
EMAIL_TIMEOUT = 20

# --- language and time -----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
# Each by its own name: who looks for a language does not read the one that is shown.
LANGUAGES = [("en", "English"), ("nl", "Nederlands"), ("zh-hans", "简体中文"), ("ko", "한국어")]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = BASE_URL.startswith("https://")
LOCALE_PATHS = [ROOT / "locale"]
FORMAT_MODULE_PATH = "foundation.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = site.text("TIME_ZONE", "UTC")

# --- the queue and the clock -----------------------------------------------------------------------------------------
REDIS_URL = site.text("REDIS_URL", "")
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    # Longer than the longest task: after it Redis hands a task out again. The lease on a run makes that harmless.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 3600,
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "queue_order_strategy": "priority",
    }
else:
    CELERY_BROKER_URL = "filesystem://"
    CELERY_BROKER_TRANSPORT = "foundation.broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = broker.settings(site.var / "queue")
    if site.is_production:
        site.problems.append("REDIS_URL is not set: the embedded broker serves one machine only")
# Redis hands out the first queue's messages first; the embedded broker takes turns.
CELERY_TASK_QUEUES = [Queue("people"), Queue("celery")]
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(site.var / "beat-schedule")

FETCH_INTERVAL_HOURS = site.number("FETCH_INTERVAL_HOURS", 12)
CLOCK_SECONDS = site.number("CLOCK_SECONDS", 20)
# How long a run may be silent before another worker may take it over. Every page read renews it.
RUN_LEASE_SECONDS = site.number("RUN_LEASE_SECONDS", 180)
# Hours without a fetch that went well after which an automatic connection is an alarm.
ALARM_HOURS = site.number("ALARM_HOURS", 36)
# How many fetches of the clock wait in the queue at most: as many as the workers can begin within the lease.
FETCHES_QUEUED = site.number("FETCHES_QUEUED", 100)
# How long one run waits for a provider that is still reading from the bank.
PROVIDER_PATIENCE_SECONDS = site.number("PROVIDER_PATIENCE_SECONDS", 600)
# The largest bank file that is taken in: it is read in memory.
IMPORT_MAX_MEGABYTES = site.number("IMPORT_MAX_MEGABYTES", 20)
# How often the proxy is asked what happened to the connections.
EVENTS_SECONDS = site.number("EVENTS_SECONDS", 60)
CELERY_BEAT_SCHEDULE = {
    "fetch what is due": {
        "task": "statements.tasks.fetch_due",
        "schedule": schedule(run_every=CLOCK_SECONDS),
        "options": {"expires": max(CLOCK_SECONDS - 1, 1)},
    },
    "ask what happened": {
        "task": "connections.tasks.poll_events",
        "schedule": schedule(run_every=EVENTS_SECONDS),
        "options": {"expires": max(EVENTS_SECONDS - 1, 1)},
    },
    # Silent feeds, permissions that end, and the mails about them.
    "tell people": {
        "task": "connections.tasks.tell_people",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 280},
    },
    "see how renewals stand": {
        "task": "connections.tasks.settle_renewals",
        "schedule": crontab(minute="4-59/5"),
        "options": {"expires": 280},
    },
    "forget what is past": {
        "task": "connections.tasks.prune",
        "schedule": crontab(hour=3, minute=47),
        "options": {"expires": 3600},
    },
    "forget what was searched": {
        "task": "statements.tasks.forget_searches",
        "schedule": crontab(minute=51),
        "options": {"expires": 3000},
    },
    # A connection that a newer one took over must end at its provider too, or it is billed on.
    "end what was taken over": {
        "task": "connections.tasks.end_superseded",
        "schedule": crontab(minute=43),
        "options": {"expires": 3000},
    },
    # The directory of banks changes rarely; once a night is enough.
    "read the directory of banks": {
        "task": "connections.tasks.update_directory",
        "schedule": crontab(hour=3, minute=17),
        "options": {"expires": 3600},
    },
}

# --- who watches -----------------------------------------------------------------------------------------------------
# Whoever holds it may read counts at /health/feeds and /metrics. Without it: requests from this very machine alone.
METRICS_TOKEN = site.text("METRICS_TOKEN", "")

# --- static files, security, logs ------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = site.var / "static"
STATICFILES_DIRS = [ROOT / "static"]
WHITENOISE_USE_FINDERS = not site.is_production
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if site.is_production
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        # A form that starts at the app may be answered with the way to the bank's page, whose address is not ours
        # to know; so no form-action here. Nothing else loads from elsewhere.
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
# The bank’s page opens in a window of its own, and this one must see when that window is closed.
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin-allow-popups"
SECURE_REFERRER_POLICY = "same-origin"
IS_HTTPS = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
# The way back from the bank is a link from another site: the session must travel with it.
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
if IS_HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = site.flag("SECURE_SSL_REDIRECT", True)
    SECURE_HSTS_SECONDS = site.number("SECURE_HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
elif site.is_production and urlparse(BASE_URL).hostname not in {"127.0.0.1", "localhost"}:
    site.problems.append("BASE_URL is not https: sign-ins and bank data would travel in the clear")
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]

LOGGING = logs.config("web", level=site.text("LOG_LEVEL", "INFO"), layout=site.text("LOG_FORMAT", site.log_layout))

if site.is_production and DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    site.problems.append("DATABASE_URL is not set: the embedded database serves one machine only")
site.refuse_problems()
