"""The request of somebody who is signed in, for the types: behind the sign-in the reader is always a member of staff."""

from django.http import HttpRequest

from carewright.staff.models import User


class SignedIn(HttpRequest):
    """What a view behind the sign-in is handed."""

    user: User
    htmx: object  # set by HtmxMiddleware: true when a script in the page asks for a part of it
    code: str  # set by web.security.Headers: what an error page shows and the log carries
