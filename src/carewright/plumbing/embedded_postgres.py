"""The embedded database server: start, re-attach, stop, recover."""

from urllib.parse import parse_qsl, unquote, urlsplit


def django_settings(home, url=None) -> dict:
    """The database that DATABASE_URL names, or the home's own embedded server."""
    parts = urlsplit(url or "postgresql://postgres@/carewright?host=/tmp/none")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }
