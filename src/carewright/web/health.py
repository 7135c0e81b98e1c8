"""Whether a page can be served from the database; says nothing about people."""

import logging

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

ADDRESS = "/health"
log = logging.getLogger(__name__)


class HealthFirst:
    """Answer the health page before anything that itself needs the database: sessions, the acting person, the wall."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return health(request) if request.path == ADDRESS else self.get_response(request)


@login_not_required
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """200 with the version when the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
            cursor.fetchone()
    except DatabaseError:
        log.exception("The database did not answer the health page.")
        return JsonResponse({"ok": False, "version": settings.VERSION}, status=503)
    return JsonResponse({"ok": True, "version": settings.VERSION})
