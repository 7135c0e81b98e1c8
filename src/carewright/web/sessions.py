"""
How long somebody stays signed in, and where a stranger is sent.

A session ends after some idle minutes (15 by default) and in any case after some hours (12 by default). The page warns
before that and keeps what was typed; see `static/carewright/js/session.js`. What a page asks by itself (`GET /session`, what
arrived on My Day, what colleagues answer) is not a sign of life; everything else is.
"""

import hashlib
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.utils import timezone

from carewright.staff import clock

SIGNED_IN_AT, SEEN_AT = "signed_in_at", "seen_at"
LOOKING = frozenset({"/session", "/day/changes", "/day/live", "/assessments/changes"})
GRAIN = timedelta(seconds=min(30, settings.SESSION_COOKIE_AGE / 10))  # a session is written at most this often


class SessionClock:
    """Set the clock to the organization's; end a session that has lasted too long; note a sign of life in the others."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        clock.set_clock()
        if request.user.is_authenticated:
            self.tick(request, at=timezone.now())
        return self.get_response(request)

    def tick(self, request, *, at: datetime) -> None:
        """Compare the session with the clock."""
        began = _read(request.session, SIGNED_IN_AT)
        if began is None:
            request.session[SIGNED_IN_AT] = at.isoformat()
        elif at - began >= settings.SESSION_AT_MOST:
            logout(request)
            return
        seen = _read(request.session, SEEN_AT)
        looking = request.path in LOOKING and request.method == "GET"
        if not looking and (seen is None or at - seen >= GRAIN):
            request.session[SEEN_AT] = at.isoformat()


def seconds_left(session, *, at: datetime) -> tuple[int, int]:
    """How long this session lasts: if nothing more happens, and at most."""
    seen = _read(session, SEEN_AT) or at
    began = _read(session, SIGNED_IN_AT) or at
    idle = settings.SESSION_COOKIE_AGE - (at - seen).total_seconds()
    most = (settings.SESSION_AT_MOST - (at - began)).total_seconds()
    return max(0, int(min(idle, most))), max(0, int(most))


def mark_of(session) -> str:
    """A short mark of a session, which opens nothing; the database tells it when the session ends."""
    return hashlib.sha256((session.session_key or "").encode()).hexdigest()[:16]


class SignInRequired(LoginRequiredMiddleware):
    """
    Send a stranger to the sign-in page; tell a script in a page that the session is over.

    A part of a page must not be replaced by the sign-in page: the reader would lose what they typed. So a request by a
    script gets 401 and the page itself says what happened.
    """

    def handle_no_permission(self, request, view_func):
        wanted = request.headers.get("Accept", "")
        if getattr(request, "htmx", False) or "application/json" in wanted or "text/event-stream" in wanted:
            return HttpResponse("Signed out", status=401, content_type="text/plain")
        return super().handle_no_permission(request, view_func)


def _read(session, name: str) -> datetime | None:
    stored = session.get(name)
    return datetime.fromisoformat(stored) if stored else None


def end_sessions_of(user, *, keep: str | None = None) -> int:
    """
    End this person's sessions in every browser, but the one to keep; the number that ended.

    A session does not say whose it is without being opened, so all living ones are opened: some hundreds at most.
    """
    mine = [
        stored.pk
        for stored in Session.objects.filter(expire_date__gt=timezone.now()).exclude(pk=keep or "")
        if stored.get_decoded().get(SESSION_KEY) == str(user.pk)
    ]
    Session.objects.filter(pk__in=mine).delete()
    return len(mine)
