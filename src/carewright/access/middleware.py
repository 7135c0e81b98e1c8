"""
Every request is answered inside one transaction, as the person who asks.

`ATOMIC_REQUESTS` would open its transaction after any middleware ran, and settings made before it would be lost; so
this middleware opens the transaction itself, names the actor, and calls the view. A view that raises leaves nothing
behind but the line that says it refused somebody.
"""

from collections.abc import Callable, Iterator

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from carewright.access.actor import acting_as
from carewright.audit import actions as audit
from carewright.staff import clock
from carewright.staff.requests import StaffRequest


class ActorMiddleware:
    """Stands right after the one that knows the user; everything after it sees only what the user may see."""

    def __init__(self, get_response: Callable[[StaffRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: StaffRequest) -> HttpResponse:
        address = audit.came_from.set(address_of(request))
        request.refusals = []
        request.has_raised = False
        user = request.user
        clock.set_clock()  # ties are compared with the organization's day, not the server's
        try:
            with acting_as(user):
                response = self.get_response(request)
                if request.has_raised or response.status_code >= 500:
                    transaction.set_rollback(True)
            if request.refusals and user.is_authenticated:
                with acting_as(user):
                    for refusal in request.refusals:
                        audit.refused(by=user, **refusal)
        finally:
            audit.came_from.reset(address)
        glass = getattr(request, "break_glass", None)
        if until := glass.ends_at if glass else getattr(request, "part2_until", None):
            # A page that lies open asks again when the hour is over, without a script, and is answered that it is over.
            response.headers["Refresh"] = str(max(1, int((until - timezone.now()).total_seconds()) + 1))
        if response.streaming and not response.is_async:  # type: ignore[attr-defined]
            each = response.headers.get("Content-Type", "").startswith("text/event-stream")
            response.streaming_content = _streamed(response.streaming_content, user, each=each)  # type: ignore[attr-defined]
        return response

    def process_exception(self, request: StaffRequest, exception: Exception) -> None:
        """Remember that the view raised; what to answer is decided by others."""
        request.has_raised = True


def address_of(request: HttpRequest) -> str:
    """
    The network address a request came from: behind as many proxies as `CAREWRIGHT_PROXIES` says, what the first of them
    saw; else whoever is at the other end of the line.
    """
    try:
        return get_adapter().get_client_ip(request)
    except PermissionDenied:
        return request.META.get("REMOTE_ADDR", "")


def _streamed(parts: Iterator[bytes], user, *, each: bool) -> Iterator[bytes]:
    """
    Send the parts of a long answer as the person who asked; the view's own transaction is over by then.

    A file is one transaction from its first to its last row. An endless stream of events (`each`) opens one per event.
    """
    parts = iter(parts)
    if not each:
        with acting_as(user):
            yield from parts
        return
    while True:
        with acting_as(user):
            part = next(parts, None)
        if part is None:
            return
        yield part
