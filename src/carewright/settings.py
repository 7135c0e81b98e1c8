"""Django's settings. One file: what differs between installations comes from the environment or from the home."""

import os
from pathlib import Path

from carewright import __version__
from carewright.plumbing import embedded_postgres, home

HOME = home.current()
VERSION = __version__
DEVELOPMENT = os.environ.get("CAREWRIGHT_DEVELOPMENT") == "1"

SECRET_KEY = HOME.secret("django")
DEBUG = False
ALLOWED_HOSTS = os.environ.get("CAREWRIGHT_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
BEHIND_TLS = os.environ.get("CAREWRIGHT_TLS") == "1"

INSTALLED_APPS = [
    "carewright.web",
    "carewright.staff",
    "carewright.audit",
    "carewright.registry",
    "carewright.chart",
    "carewright.access",
    "carewright.population",
    "carewright.exchange",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_cotton",
    "django_htmx",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "carewright.urls"
WSGI_APPLICATION = "carewright.wsgi.application"
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

DATABASES = {"default": embedded_postgres.django_settings(HOME, os.environ.get("DATABASE_URL"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "carewright_cache",
    }
}

AUTH_USER_MODEL = "staff.User"
LOGIN_URL = "/sign-in"
LANGUAGE_CODE = "en-us"
USE_TZ = True
TIME_ZONE = os.environ.get("CAREWRIGHT_TIME_ZONE", "America/New_York")
STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("CAREWRIGHT_STATIC", HOME.path / "static"))
X_FRAME_OPTIONS = "DENY"
