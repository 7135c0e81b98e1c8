"""What every template may use without being handed it."""

from functools import partial

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from carewright.access import guard
from carewright.web import navigation, preferences


def shell(request) -> dict:
    """The sidebar of this reader, their preferences, whether the home is a demo, the version."""
    user = getattr(request, "user", None)
    return {
        "navigation": SimpleLazyObject(partial(_links, request)),
        "can_search": navigation.may_search(user),
        "may_break_glass": navigation.may(user, "BREAK_GLASS"),
        "preferences": preferences.of(user),
        "is_demo": settings.HOME.is_demo,
        "development": settings.DEVELOPMENT,
        "version": settings.VERSION,
        "idle_seconds": settings.SESSION_COOKIE_AGE,
    }


def _links(request) -> list[navigation.Link]:
    """The sidebar with its numbers, which are of lists: a patient opened by a broken glass is in none of them."""
    with guard.as_if_whole(request):
        return navigation.links_for(getattr(request, "user", None), path=request.path)
