"""When a page cannot be shown: what happened, a code to read out, and a way on."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone

from carewright.access import gone


def _page(request: HttpRequest, name: str, status: int, **context) -> HttpResponse:
    signed_in = getattr(getattr(request, "user", None), "is_authenticated", False)
    frame = "base.html" if signed_in else "web/outside.html"
    context |= {"code": getattr(request, "code", ""), "at": timezone.localtime(), "frame": frame, "status": status}
    if getattr(request, "htmx", False):
        return HttpResponse(render_to_string("web/_error_part.html", context, request), status=status)
    return render(request, name, context, status=status)


@login_not_required
def not_allowed(request: HttpRequest, exception=None) -> HttpResponse:
    """403: this role may not; who may, when the refusal says so."""
    return _page(request, "403.html", 403, why=str(exception or ""))


@login_not_required
def not_found(request: HttpRequest, exception=None) -> HttpResponse:
    """404: nothing here, or nothing here for you; which of the two is itself private, but to who knew the patient."""
    why_gone = exception if isinstance(exception, gone.Gone) else None
    return _page(request, "404.html", 404, gone=why_gone, why=why_gone.said if why_gone else "")


@login_not_required
def bad_request(request: HttpRequest, exception=None) -> HttpResponse:
    """400: what was sent does not read. It may be anything, so the page leans on nothing."""
    context = {"code": getattr(request, "code", ""), "at": timezone.localtime(), "bad_request": True}
    return HttpResponse(render_to_string("500.html", context), status=400)


@login_not_required
def too_large(request: HttpRequest) -> HttpResponse:
    """413: more than a form holds; it was not read."""
    context = {"code": getattr(request, "code", ""), "at": timezone.localtime(), "too_large": True}
    return HttpResponse(render_to_string("500.html", context), status=413)


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    """500: our fault. The page needs nothing that may be broken too: no database, no sidebar."""
    context = {"code": getattr(request, "code", ""), "at": timezone.localtime()}
    return HttpResponse(render_to_string("500.html", context), status=500)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that is too old to be trusted."""
    return _page(request, "403_csrf.html", 403)
