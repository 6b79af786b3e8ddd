"""What both ways of running share."""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from .elsewhere import origin_of, providers

PACKAGE = Path(__file__).resolve().parents[2]

ROOT_URLCONF = "weiduan.config.urls"
WSGI_APPLICATION = "weiduan.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "weiduan.ground.base",
    "weiduan.ground.accounts",
    "weiduan.ground.ledger",
    "weiduan.ground.holds",
    "weiduan.ground.rulebook",
    "weiduan.ground.territory",
    "weiduan.ground.backups",
    "weiduan.systems.organisation",
    "weiduan.systems.venues",
    "weiduan.systems.governance",
    "weiduan.systems.services",
    "weiduan.outlook.insight",
    "weiduan.outlook.survey",
    "weiduan.outlook.proposals",
    "weiduan.outlook.reminders",
    "weiduan.outlook.rights",
    "weiduan.outlook.signs",
    "weiduan.outlook.demo",
    "weiduan.doors.portal",
    "weiduan.doors.desk",
    "weiduan.doors.console",
]

MIDDLEWARE = [
    "weiduan.doors.watching.WatchMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "weiduan.doors.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "weiduan.doors.sessions.SessionMiddleware",
    "weiduan.doors.limits.LimitMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "weiduan.doors.refusals.RefusalMiddleware",
    "weiduan.doors.first_steps.FirstStepsMiddleware",
    "weiduan.doors.scoping.ScopeMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "doors" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "weiduan.doors.context.house",
            ],
            "builtins": ["weiduan.doors.tags.house"],
            "libraries": {"house": "weiduan.doors.tags.house"},
        },
    }
]

AUTHENTICATION_BACKENDS = ["weiduan.doors.signed_in.Accounts"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
ACCOUNT_ADAPTER = "weiduan.ground.accounts.adapter.StaffOnlyAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
# Wrong tries are counted in the database: exactly, however many come at once, by whichever process and machine.
# The entries are few and short-lived; a small maximum would let somebody push out counts by trying many names.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "weiduan_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
ACCOUNT_RATE_LIMITS = {"login_failed": "5/15m/key,30/15m/ip"}
# How many proxies of our own stand before us: the address one tries from is the one the first of them saw.
ALLAUTH_TRUSTED_PROXY_COUNT = 0
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True  # a passkey that asked for a finger or a PIN is both factors at once
MFA_TOTP_ISSUER = "微端"
MFA_ADAPTER = "weiduan.ground.accounts.adapter.PlainSpokenMFAAdapter"
MFA_FORMS = {"activate_totp": "weiduan.doors.factor_forms.ActivateOnce"}
# Production turns this on: nobody works at the desk without a second factor.
TWO_FACTORS_REQUIRED = False
# A superuser has every duty everywhere: fit for trying things out. Production knows three administrators instead.
SUPERUSERS_MAY_ALL = True
# After so many days a password must be changed (as MLPS assessors may ask); 0: never, as those who measured advise.
PASSWORD_DAYS = int(os.environ.get("WEIDUAN_PASSWORD_DAYS", "0"))
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/desk/"
LOGOUT_REDIRECT_URL = "/"
SESSION_ENGINE = "weiduan.ground.accounts.session_store"
# Kept by the server: after so long without a click, and after so long in all, one signs in again.
SESSION_IDLE = timedelta(minutes=int(os.environ.get("WEIDUAN_SESSION_IDLE_MINUTES", "30")))
SESSION_ABSOLUTE = timedelta(hours=int(os.environ.get("WEIDUAN_SESSION_HOURS", "12")))
SESSION_COOKIE_AGE = int(SESSION_ABSOLUTE.total_seconds())
# Signing in by a provider elsewhere, off without WEIDUAN_OIDC_URL; docs/decisions/0025-signing-in.md.
SOCIALACCOUNT_PROVIDERS = providers()
SOCIALACCOUNT_ADAPTER = "weiduan.ground.accounts.elsewhere.ElsewhereAdapter"
OIDC_CLAIM = os.environ.get("WEIDUAN_OIDC_CLAIM", "preferred_username")  # it must equal the user name here
USERSESSIONS_TRACK_ACTIVITY = False  # one's devices are listed; when which was used is nobody's business
SESSION_COOKIE_SAMESITE = "Lax"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "doors" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "weiduan.ground.base.storage.SyncedStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True  # `weiduan serve` lays them out compressed instead
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/vendor/[^/]+@[^/]+/"  # the version stands in the name
STATICFILES_DIRS = [PACKAGE / "doors" / "static"]

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "worker-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF, *([origin_of(os.environ["WEIDUAN_OIDC_URL"])] if SOCIALACCOUNT_PROVIDERS else [])],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 3 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# From this share of the disk on no pictures and workbooks are taken in any more; what is written is.
FILES_UNTIL_FULL = float(os.environ.get("WEIDUAN_FILES_UNTIL_FULL", "0.9"))

# A survey workbook or shape file larger than this is refused before it is opened.
SURVEY_MAX_UPLOAD_BYTES = 200 * 1024 * 1024

# AES-256-GCM by default; SM4-GCM where commercial cryptography rules ask for it.
SEALED_CIPHER = "AES-256-GCM"

# Messages about what is due leave this machine only if it is said so; docs/decisions/0014-reminders.md.
REMINDERS_ON = os.environ.get("WEIDUAN_REMINDERS", "") == "on"
REMINDERS_MAIL = os.environ.get("WEIDUAN_REMINDERS_MAIL", "")  # mailtos://user:password@server?from=…; "" is no mail
REMINDERS_URL = os.environ.get("WEIDUAN_REMINDERS_URL", "")  # the site's address, for links in messages

# How long after closing what was told is kept: who told it, and what was written about it.
REPORT_CONTACTS_KEPT = timedelta(days=int(os.environ.get("WEIDUAN_REPORT_CONTACT_DAYS", "90")))
REPORT_WORDS_KEPT = timedelta(days=int(os.environ.get("WEIDUAN_REPORT_WORDS_DAYS", "1095")))

# Messages to whoever told a report and left a contact. With no server set up a line says what would have gone, without to whom.
EMAIL_HOST = os.environ.get("WEIDUAN_MAIL_HOST", "")
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend" if EMAIL_HOST else "weiduan.ground.base.messages.MaskedConsole"
)
EMAIL_PORT = int(os.environ.get("WEIDUAN_MAIL_PORT", "465"))
EMAIL_HOST_USER = os.environ.get("WEIDUAN_MAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("WEIDUAN_MAIL_PASSWORD", "")
EMAIL_USE_SSL = EMAIL_PORT == 465
EMAIL_USE_TLS = EMAIL_PORT != 465 and EMAIL_HOST != "localhost"  # never in the clear over a network
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("WEIDUAN_MAIL_FROM", "weiduan@localhost")


def _gateway(url: str) -> str:
    """Numbers of residents go to a gateway over TLS, or to a program on this very machine."""
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
    if url != "console" and not (local or (parts.scheme == "https" and parts.hostname)):
        raise ImproperlyConfigured("WEIDUAN_SMS_URL must begin with https://, or with http://localhost.")
    return url


# POST of {"to", "text", "id"} as JSON, with the header Idempotency-Key; any 2xx is taken for “accepted”. “console” sends nothing.
SMS_URL = _gateway(os.environ.get("WEIDUAN_SMS_URL", "console"))
SMS_TOKEN = os.environ.get("WEIDUAN_SMS_TOKEN", "")  # sent as “Authorization: Bearer …”

# How often the worker does what falls due by itself (doors/console/clock.py), in seconds; 0: never, then “weiduan tick” by cron.
CLOCK_EVERY_S = float(os.environ.get("WEIDUAN_CLOCK_SECONDS", "60"))

# How many proxies of ours stand before the server: who asks is then read from what the outermost of them saw.
PROXIES = int(os.environ.get("WEIDUAN_PROXIES", "0"))
# How often one may do what; doors/limits.py. Off is for measuring.
RATE_LIMITS = os.environ.get("WEIDUAN_RATE_LIMITS", "on") != "off"

# Lines of text or JSON; doors/logs.py says what never stands in them. With “on”, one for each request.
LOG_REQUESTS = os.environ.get("WEIDUAN_LOG_REQUESTS", "") == "on"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"without addresses": {"()": "weiduan.doors.logs.WithoutAddresses"}},
    "formatters": {"plain": {"()": "weiduan.doors.logs.Plain"}, "json": {"()": "weiduan.doors.logs.AsJson"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["without addresses"],
            "formatter": "json" if os.environ.get("WEIDUAN_LOG", "") == "json" else "plain",
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING"},
        "weiduan": {"handlers": [], "level": "INFO"},
    },
}
# Figures for Prometheus at /metrics, for whoever shows this token; without one there is no such page.
METRICS_TOKEN = os.environ.get("WEIDUAN_METRICS_TOKEN", "")
# Spans for OpenTelemetry; needs the extra “otel”, and its own variables say where to.
TRACING = os.environ.get("WEIDUAN_OTEL", "") == "on"

LIVE_STREAMS = (
    12  # open pages a process tells of changes by itself, the others ask; 0: pages don't change by themselves
)

# What may be done with the open data, as the page and every file say it; empty: to be used by everyone who names the source.
OPEN_DATA_LICENCE = os.environ.get("WEIDUAN_OPEN_DATA_LICENCE", "")

# Rows that no backup holds: what erased words could be found by (made anew by “weiduan reports reindex”), and who is signed in.
BACKUPS_LEAVE_OUT = [
    "governance_searchwords",
    *(f"governance_search_{part}" for part in ("config", "content", "data", "docsize", "idx")),
    "django_session",
]
# Where it is noted that something was erased, by key alone; another disk is a good place. Empty: in WEIDUAN_HOME.
ERASURES = os.environ.get("WEIDUAN_ERASURES", "")
# The public half of the key for backups; empty: “backups.pem” in WEIDUAN_HOME.
BACKUPS_FOR = os.environ.get("WEIDUAN_BACKUPS_FOR", "")
