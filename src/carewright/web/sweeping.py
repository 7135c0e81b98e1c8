"""
What has run out is taken away: sessions that ended, counts of wrong passwords that no longer count.

Django leaves both lying until somebody asks for that very one again. A session that ended opens nothing, but nobody
needs to know who was signed in a year ago; and what is counted slows down the counting.
"""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.db import connection

from carewright.access.actor import acting_as
from carewright.plumbing import jobs

BY = "system:minutely"


def sweep(*, at: datetime) -> None:
    """Take away what ran out before a moment."""
    Session.objects.filter(expire_date__lt=at).delete()
    with connection.cursor() as cursor:
        cursor.execute("delete from carewright_cache where expires < %s", [at])


@jobs.every("* * * * *", "sweep_what_ran_out")
def sweep_what_ran_out(at: datetime) -> None:
    """Each minute, so that neither table grows beyond what is in use."""
    with acting_as(BY):
        sweep(at=at)
