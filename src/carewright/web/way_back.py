"""Where a browser goes that asks to *see* an action: back to the page the action belongs to, with a sentence."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _


class WayBack:
    """
    Answer a reload of an address that only takes forms (after a sign-in, from the browser's history) with its page.

    The page is the nearest address above it; whether one may see that is asked there. A program that asks gets the plain
    answer: this method is not allowed here.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or request.method != "GET" or not _is_somebody_reading(request):
            return response
        said = _("That was a step, not a page, and nothing was done now. This is the page it belongs to.")
        waiting = messages.get_messages(request)
        if said not in [one.message for one in waiting]:
            messages.warning(request, said)
        waiting.used = False  # type: ignore[union-attr]
        return redirect(page_above(request.path))


def _is_somebody_reading(request: HttpRequest) -> bool:
    is_page = "text/html" in request.headers.get("Accept", "") and not getattr(request, "htmx", False)
    return is_page and request.user.is_authenticated


def page_above(path: str) -> str:
    """The nearest address above a path that leads anywhere; the start when there is none."""
    parts = path.strip("/").split("/")[:-1]
    while parts:
        above = "/" + "/".join(parts)
        try:
            resolve(above)
        except Resolver404:
            parts.pop()
        else:
            return above
    return "/"
