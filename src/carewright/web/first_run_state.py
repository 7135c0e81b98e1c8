"""Whether this installation still waits for its first administrator."""

from django.conf import settings

from carewright.staff.models import User

_closed = False


def is_open() -> bool:
    """True in a real home without a single person; once there was one it is closed for good."""
    global _closed
    if _closed or settings.HOME.is_demo:
        return False
    if User.objects.exists():
        _closed = True
        return False
    return True
