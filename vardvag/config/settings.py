"""Settings. What an operator changes comes from the environment (docs/settings.md); the defaults are the demo."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from vardvag.config import place
from vardvag.core.logs import explains, theirs

PACKAGE = Path(__file__).resolve().parent.parent

MODE = place.mode()  # demo | production | test
DEMO = MODE != "production"
DATA = place.data_folder()
PORT = place.port()
PUBLIC_URL = place.public_url()
SECURE = PUBLIC_URL.startswith("https://")
PUBLIC_HOST = urlsplit(PUBLIC_URL).hostname or "localhost"
LIMITS = MODE != "test"  # rate limits of logins

SECRET_KEY = place.secret("django")
DEBUG = False
_HOSTS = f"{PUBLIC_HOST},localhost,127.0.0.1,[::1]" + (",testserver" if MODE == "test" else "")
ALLOWED_HOSTS = [name.strip() for name in os.environ.get("ALLOWED_HOSTS", _HOSTS).split(",") if name.strip()]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "csp",
    "procrastinate.contrib.django",
    "vardvag.core",
    "vardvag.audit",
    "vardvag.files",
    "vardvag.identity",
    "vardvag.organisation",
    "vardvag.inbox",
    "vardvag.questionnaires",
    "vardvag.catalogue",
    "vardvag.cases",
    "vardvag.services.triage",
]

MIDDLEWARE = [
    "vardvag.core.middleware.observe",
    "vardvag.core.middleware.forms_as_ours",
    "vardvag.core.middleware.security_headers",
    "vardvag.core.middleware.onward",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "vardvag.core.policy.ContentPolicy",
    "vardvag.identity.sent_on.form_action",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "vardvag.core.middleware.own_site_only",
    "vardvag.core.errors.in_words",
]

ROOT_URLCONF = "vardvag.config.urls"
DOOR_KEEPER = "vardvag.organisation.keeper.HouseKeeper"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                ("vardvag.core.folding.Loader", ["django.template.loaders.app_directories.Loader"]),
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csrf",
                "vardvag.core.context.house",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "vardvag.core.templatetags.texts",
                "vardvag.core.templatetags.ui",
                "vardvag.core.templatetags.fields",
                "vardvag.core.templatetags.matters",
            ],
        },
    }
]

DATABASES = {"default": place.database(place.role())}
LIVE_DATABASE = place.listening()
EMBEDDED = place.embedded()  # one server, no standby
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEST_RUNNER = "django.test.runner.DiscoverRunner"

LANGUAGE_CODE = "sv"
LANGUAGES = [("sv", "Svenska"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "outside" / "locale"]  # no app of Django's
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Stockholm"

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if MODE == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = MODE == "test"

# Cookies: the __Host- prefix needs https, which the demo on localhost has not got.
SESSION_KEY_COOKIE = "__Host-sid" if SECURE else "sid"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "vardvag.core.errors.csrf_failure"
SECURE_HSTS_SECONDS = 63_072_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if place.switched_on("BEHIND_PROXY") else None
X_FRAME_OPTIONS = "DENY"

WORLD_URL = os.environ.get("WORLD_URL", f"http://localhost:{PORT + 1}")  # the stand-ins' pages (demo)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'", *([WORLD_URL] if DEMO else [])],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 12
FILE_UPLOAD_HANDLERS = [
    "vardvag.files.receiving.UploadHandler"
]  # no nameable copy, never more than the limit
FILES_FOLDER = DATA / "files"
FILES_KEYS = place.secret("files").split()  # newest first: a new master key is a new line on top
FILES_SIDE = place.number("FILES_SIDE", 4096, 256, 32_768)  # pixels of the longest side of a kept image

# Sessions, in minutes (trust: resident idle 30, absolute 8 h; staff idle 60, absolute 12 h).
RESIDENT_IDLE, RESIDENT_ABSOLUTE = 30, 8 * 60
STAFF_IDLE, STAFF_ABSOLUTE = 60, 12 * 60

METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")  # empty: /matvarden answers this machine only
OUTSIDE = place.outside(demo=DEMO, port=PORT)  # addresses and credentials of every outside system
for system in ("siths", *(f"eid_{key}" for key in OUTSIDE["eid"]["providers"].split())):
    if issuer := OUTSIDE[system].get("issuer"):  # the login button is a form that is sent on to there
        CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append("/".join(issuer.split("/")[:3]))

# Each part's jobs.py. The worker loads them all; pages defer by name or import what they need.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs" if place.role() == "system" else None

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "vardvag.core.logs.JsonFormatter"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["out"], "level": "INFO"},
    "loggers": {
        "django.server": {"level": "WARNING"},
        # A 404 is a line of vardvag.request already.
        "django.request": {"level": "ERROR", "filters": [explains]},
        "uvicorn.error": {"filters": [theirs]},
        "httpx": {"level": "WARNING"},
        "procrastinate": {"level": "WARNING"},
    },
}
