"""What every template may use without being handed it."""

from functools import partial

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from carewright.web import navigation, preferences


def shell(request) -> dict:
    """The sidebar of this reader, their preferences, whether the home is a demo, the version."""
    user = getattr(request, "user", None)
    return {
        "navigation": SimpleLazyObject(partial(navigation.links_for, user, path=request.path)),
        "can_search": navigation.may_search(user),
        "may_break_glass": navigation.may(user, "BREAK_GLASS"),
        "preferences": preferences.of(user),
        "is_demo": settings.HOME.is_demo,
        "development": settings.DEVELOPMENT,
        "version": settings.VERSION,
        "idle_seconds": settings.SESSION_COOKIE_AGE,
    }
