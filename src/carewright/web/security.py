"""What every answer tells the browser, beyond the content security policy; and what is turned away unread."""

import secrets
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import DatabaseError
from django.utils.cache import add_never_cache_headers

from carewright.web import errors

CLOSED = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=(), browsing-topics=()"


class Headers:
    """
    Give each request a short code and each answer its last headers.

    The code stands on an error page and in the log line that belongs to it, so a nurse can read it out and an operator
    can find it. Pages are never kept by a browser or a proxy: the next person at this screen may be someone else.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.code = f"W-{secrets.token_hex(3).upper()}"
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", CLOSED)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if "Cache-Control" not in response.headers:
            add_never_cache_headers(response)
            response.headers["Cache-Control"] += ", no-store"
        return response

    def process_exception(self, request, exception):
        """
        A field of a form that held NUL and was kept nowhere, because the database refuses it, is answered with 400.

        Forms that look at their fields say so themselves; this is for every other one.
        """
        if isinstance(exception, ValueError | DatabaseError) and _posted_nul(request):
            return errors.bad_request(request)
        return None


class NoNul:
    """
    Turn away an address that holds the character NUL, with 400.

    No name or number holds it, and the database cannot be asked for it. It stands behind those who write headers, so
    that this page carries them like any other. A form that holds NUL fails with the same page (`Headers`).
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return errors.bad_request(request) if _holds_nul(request) else self.get_response(request)


class SmallUnlessSignedIn:
    """
    Turn away, before it is read, whatever is larger than a form, unless somebody signed in brings a file in.

    Django writes a file that is sent to disk as soon as it looks for the form's token, on any address and whoever sends
    it. A stranger could fill the disk that the database lies on.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        sent = request.META.get("CONTENT_LENGTH") or "0"
        if sent.isascii() and sent.isdigit() and int(sent) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            brings_a_file = request.path in settings.UPLOAD_PAGES and SESSION_KEY in request.session
            if not brings_a_file:
                return errors.too_large(request)
        return self.get_response(request)


def _posted_nul(request) -> bool:
    """Whether a field that was sent holds NUL."""
    return request.method == "POST" and any("\0" in value for _, values in request.POST.lists() for value in values)


def _holds_nul(request) -> bool:
    """Whether the path or what follows the question mark holds NUL, written out or as %00."""
    return "\0" in request.path or b"\0" in unquote_to_bytes(request.META.get("QUERY_STRING", ""))
