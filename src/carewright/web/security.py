"""What every answer tells the browser, beyond the content security policy."""

import secrets
from urllib.parse import unquote_to_bytes

from django.db import DatabaseError
from django.utils.cache import add_never_cache_headers

from carewright.web import errors

CLOSED = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=(), browsing-topics=()"


class Headers:
    """
    Give each request a short code and each answer its last headers.

    The code stands on an error page and in the log line that belongs to it, so a nurse can read it out and an operator
    can find it. Pages are never kept by a browser or a proxy: the next person at this screen may be someone else.

    An address that holds the character NUL is turned away here, with 400: no name or number holds it, and the database
    cannot be asked for it. A form that holds it fails with the same page, unless it says more itself.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.code = f"W-{secrets.token_hex(3).upper()}"
        response = errors.bad_request(request) if _holds_nul(request) else self.get_response(request)
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


def _posted_nul(request) -> bool:
    """Whether a field that was sent holds NUL."""
    return request.method == "POST" and any("\0" in value for _, values in request.POST.lists() for value in values)


def _holds_nul(request) -> bool:
    """Whether the path or what follows the question mark holds NUL, written out or as %00."""
    return "\0" in request.path or b"\0" in unquote_to_bytes(request.META.get("QUERY_STRING", ""))
