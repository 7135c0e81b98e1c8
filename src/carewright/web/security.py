"""What every answer tells the browser, beyond the content security policy."""

import secrets

from django.utils.cache import add_never_cache_headers

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
