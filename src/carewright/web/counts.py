"""
The numbers beside the sidebar, and how fresh they are.

Each page shows how many things wait in each room, and counting them anew for every page is a dozen questions to the
database. They are counted once a minute for a reader, and anew as soon as that reader has changed something (so a list
one has just shortened is never called longer), and anew when another run counts or the lists are closed. A page that has the list itself says its length (`user.just_counted`), so
that the two never differ on one page. Alarms are counted every time.
"""

from django.core.cache import cache

from carewright.population.models import Run

KEPT_SECONDS = 60
READING = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
ASKED_BY_POST = frozenset({"web:search"})
"""Pages that are asked by POST to keep words out of addresses, and change nothing."""


def counts_for(user, counters: dict) -> dict[str, int | None]:
    """What each counter says to this reader, by its name; None where there is nothing to show."""
    if not counters:
        return {}
    run = Run.objects.in_force().values_list("pk", flat=True).first()
    counted_in, known = cache.get(_key(user)) or (None, {})
    if known.keys() != counters.keys() or counted_in != run:
        known = {name: counter(user) for name, counter in counters.items()}
        cache.set(_key(user), (run, known), KEPT_SECONDS)
    return known | {name: n for name, n in getattr(user, "just_counted", {}).items() if name in counters}


class CountAnew:
    """Forget what was counted for whoever changes something."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.method not in READING and request.user.is_authenticated and not _only_asked(request):
            cache.delete(_key(request.user))
        return response


def _only_asked(request) -> bool:
    return request.resolver_match is not None and request.resolver_match.view_name in ASKED_BY_POST


def _key(user) -> str:
    return f"sidebar-counts:{user.pk}"
