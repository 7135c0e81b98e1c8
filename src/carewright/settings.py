"""Django's settings. One file: what differs between installations comes from the environment or from the home."""

import hashlib
import os
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

from carewright import __version__
from carewright.channel import configuration as channel_configuration
from carewright.plumbing import embedded_postgres, home
from carewright.plumbing.languages import languages
from carewright.staff.roles import second_factor_roles
from carewright.web import identity_provider

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
    "carewright.channel",
    "carewright.tasks",
    "carewright.contacts",
    "carewright.population",
    "carewright.enrollment",
    "carewright.careplan",
    "carewright.assessment",
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
    "carewright.web.security.Headers",
    "carewright.web.metrics.Measured",
    "carewright.web.health.HealthFirst",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "carewright.web.security.NoNul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "carewright.web.security.SmallUnlessSignedIn",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "carewright.access.middleware.ActorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "carewright.web.sessions.SessionClock",
    "carewright.web.sessions.SignInRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "carewright.web.way_back.WayBack",
    "allauth.account.middleware.AccountMiddleware",
    "carewright.web.second_factor.SecondFactorRequired",
    "carewright.web.counts.CountAnew",
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
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "carewright.web.context.shell",
            ],
            "builtins": [
                "django.templatetags.static",
                "django.templatetags.i18n",
                "django_htmx.templatetags.django_htmx",
                "carewright.web.templatetags.icons",
                "carewright.web.templatetags.shell",
                "carewright.web.templatetags.charts",
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
        # Wrong passwords are counted here. With Django's 300 entries, who guesses at many doors would push out what was
        # counted at the first; what is over is swept away each minute (web.sweeping).
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}

# --- languages, time, files -------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-us"
LOCALE_PATHS = [Path(__file__).parent / "locale"]
LANGUAGES = languages(LOCALE_PATHS[0])
USE_TZ = True
USE_THOUSAND_SEPARATOR = False
TIME_ZONE = os.environ.get("CAREWRIGHT_TIME_ZONE", "America/New_York")
STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("CAREWRIGHT_STATIC") or HOME.folder("static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "carewright.web.static_files.FingerprintedFiles"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEVELOPMENT
WHITENOISE_MAX_AGE = 0 if DEVELOPMENT else 7 * 24 * 3600
WHITENOISE_ALLOW_ALL_ORIGINS = False

# --- jobs: the worker imports what it may be asked to do
PROCRASTINATE_IMPORT_PATHS = [
    "carewright.jobs.minutely",
    "carewright.jobs.messages",
    "carewright.jobs.nightly",
    "carewright.jobs.arrivals",
    "carewright.jobs.caseload",
    "carewright.web.printouts.nightly",
    "carewright.web.sweeping",
]

# --- who comes in -----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "staff.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
DEMO_USERS = "carewright.demo.users.listed"  # asked in a demo home only
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in"

ACCOUNT_ADAPTER = "carewright.web.accounts.StaffAccounts"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_FORMS = {"login": "carewright.web.accounts.SignInForm"}
# Five wrong passwords for one person from one address close that door for five minutes; "login_failed_anywhere" bounds
# what many addresses together may guess (web/accounts.py). Counted in the database, so in every process.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "30/m/ip,5/5m/key,20/h/key,60/d/key",
    "login_failed_anywhere": "300/d/key",
    "reset_password": "10/h/ip,3/h/key",
    "reauthenticate": "10/m/user,30/h/user",
    "change_password": "5/m/user,20/h/user",
}
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("CAREWRIGHT_PROXIES", "0"))
# Who may read /metrics besides this machine: networks such as 10.0.0.0/8, with commas.
METRICS_FROM = [
    ip_network(each.strip()) for each in os.environ.get("CAREWRIGHT_METRICS_FROM", "").split(",") if each.strip()
]
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Carewright"
MFA_TOTP_PERIOD = 30
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "carewright.web.second_factor.SignInCode",
    "reauthenticate": "carewright.web.second_factor.ConfirmCode",
    "activate_totp": "carewright.web.second_factor.SetUpCode",
}
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_ADAPTER = "carewright.web.second_factor.SecondFactor"
# Roles that must use a second factor: codes with commas between, `all`, or `none`. A demo asks nobody.
SECOND_FACTOR_ROLES = second_factor_roles(
    os.environ.get("CAREWRIGHT_SECOND_FACTOR_ROLES", "none" if HOME.is_demo else "administrator,quality")
)
SOCIALACCOUNT_ADAPTER = "carewright.web.accounts.StaffIdentities"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = identity_provider.settings_from(os.environ)
IDENTITY_PROVIDER_ROLES = identity_provider.roles_from(os.environ)

EMAIL_CONFIGURED = bool(os.environ.get("CAREWRIGHT_SMTP_HOST"))
EMAIL_HOST = os.environ.get("CAREWRIGHT_SMTP_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("CAREWRIGHT_SMTP_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("CAREWRIGHT_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("CAREWRIGHT_SMTP_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("CAREWRIGHT_SMTP_TLS", "1") == "1"
DEFAULT_FROM_EMAIL = os.environ.get("CAREWRIGHT_SMTP_FROM", "carewright@localhost")
EMAIL_TIMEOUT = 20
# What leaves the house: in a demo and in development nothing does, it stands on the page /channel/outbox.
CHANNEL = channel_configuration.from_environment(
    os.environ, shows_only=HOME.is_demo or DEVELOPMENT, has_smtp=EMAIL_CONFIGURED
)

# --- sessions and cookies: two homes on one machine do not take each other's cookies ----------------------------------
_MARK = hashlib.sha256(str(HOME.path).encode()).hexdigest()[:6]
_PREFIX = "__Host-" if BEHIND_TLS else ""
SESSION_COOKIE_NAME = f"{_PREFIX}carewright-{_MARK}"
CSRF_COOKIE_NAME = f"{_PREFIX}carewright-csrf-{_MARK}"
LANGUAGE_COOKIE_NAME = f"{_PREFIX}carewright-language-{_MARK}"
SESSION_COOKIE_AGE = int(float(os.environ.get("CAREWRIGHT_IDLE_MINUTES", "15")) * 60)
SESSION_AT_MOST = timedelta(hours=float(os.environ.get("CAREWRIGHT_SESSION_HOURS", "12")))
SESSION_EXPIRE_AT_BROWSER_CLOSE = False
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "carewright.web.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = [
    f"https://{host}" for host in ALLOWED_HOSTS if BEHIND_TLS and host not in {"localhost", "127.0.0.1", "[::1]", "*"}
]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- what a browser may do with our pages -----------------------------------------------------------------------------
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if BEHIND_TLS else 0
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'", *identity_provider.origins_from(os.environ)],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
FILE_UPLOAD_TEMP_DIR = str(HOME.folder("uploads"))  # files are about people: never in a folder others can read
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
UPLOAD_PAGES = ("/imports/upload",)  # everywhere else nothing larger than a form is read (web.security)

# --- what is written down about requests: never about whom -----------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "carewright.web.logs.WithoutPeople"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("CAREWRIGHT_LOG_LEVEL", "WARNING")},
    "loggers": {
        "django": {"handlers": [], "level": "NOTSET", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "carewright": {"level": os.environ.get("CAREWRIGHT_LOG_LEVEL", "INFO")},
    },
}
