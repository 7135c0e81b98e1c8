"""Every request is one transaction as the person who asks; what raises leaves only the line that it was refused."""

from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils import timezone

from carewright.access import guard
from carewright.access.actor import acting_as
from carewright.access.middleware import ActorMiddleware
from carewright.audit import actions as audit
from carewright.audit.models import Entry
from carewright.registry.models import Patient
from carewright.staff import clock
from carewright.staff.roles import Permission
from tests.factories.access import TieFactory
from tests.factories.registry import PatientFactory
from tests.factories.staff import OrganizationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse():
    return TieFactory(patient=PatientFactory(given_name="Mine")).user


@pytest.fixture
def asks(rf, nurse):
    """Answer a view as the middleware chain would: what it raises becomes an answer and is remembered."""

    def asks(view, user=None):
        request = rf.get("/somewhere", REMOTE_ADDR="203.0.113.7")
        request.user = user or nurse
        middleware = ActorMiddleware(lambda request: _answered(middleware, view, request))
        return middleware(request)

    return asks


def _answered(middleware, view, request):
    try:
        return view(request)
    except (Http404, guard.MayNot) as refusal:
        middleware.process_exception(request, refusal)
        return HttpResponse(status=404 if isinstance(refusal, Http404) else 403)


def test_a_view_that_forgets_the_guard_still_sees_only_its_own(asks):
    PatientFactory(given_name="Stranger")
    answer = asks(lambda request: HttpResponse(", ".join(p.given_name for p in Patient.objects.all())))
    assert answer.content == b"Mine"
    assert Patient.objects.count() == 2


def test_what_it_writes_stays(asks):
    asks(lambda request: HttpResponse(str(audit.happened("looked", by=request.user))))
    entry = Entry.objects.get()
    assert (entry.did, entry.address) == ("looked", "203.0.113.7")
    assert audit.came_from.get() == ""


def test_what_raises_leaves_only_its_refusal(asks, nurse):
    stranger = PatientFactory()

    def view(request):
        audit.happened("half done", by=request.user)
        return guard.open_patient(request, stranger.public_id)

    assert asks(view).status_code == 404
    entry = Entry.objects.get()
    assert (entry.did, entry.outcome, entry.by_id) == ("refused", "refused", nurse.pk)
    assert entry.what == f"patient {stranger.public_id}"


def test_a_role_that_may_not_is_written_down(asks):
    view = guard.requires(Permission.MANAGE_PEOPLE)(lambda request: HttpResponse("never"))
    assert asks(view).status_code == 403
    assert Entry.objects.get().why == "role care_manager may not"


def test_an_answer_that_says_it_failed_leaves_nothing(asks):
    asks(lambda request: HttpResponse(str(audit.happened("half done", by=request.user)), status=500))
    assert not Entry.objects.exists()


@pytest.mark.parametrize("kind", ["text/csv", "text/event-stream"])
def test_a_long_answer_is_sent_as_the_person_who_asked(asks, kind):
    PatientFactory(given_name="Stranger")

    def rows():
        for patient in Patient.objects.order_by("pk"):
            yield f"{patient.given_name}\n"

    answer = asks(lambda request: StreamingHttpResponse(rows(), content_type=kind))
    assert b"".join(answer.streaming_content) == b"Mine\n"


def test_a_long_answer_to_nobody_shows_nobody(asks):
    from django.contrib.auth.models import AnonymousUser

    def view(request):
        return StreamingHttpResponse(str(n) for n in [Patient.objects.count()])

    assert b"".join(asks(view, user=AnonymousUser()).streaming_content) == b"0"


def test_the_block_of_a_stream_ends_when_the_reader_goes_away(asks):
    answer = asks(lambda request: StreamingHttpResponse(iter(["a", "b"]), content_type="text/csv"))
    assert next(iter(answer.streaming_content)) == b"a"
    for close in answer._resource_closers:  # what the server calls when the reader goes away half way
        close()
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('carewright.actor', true)")
        assert cursor.fetchone()[0] in ("", None)
    with acting_as("system:test"):
        assert Patient.objects.count() == 1


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_ties_are_compared_with_the_organizations_day(asks, zone):
    """The two places are 25 hours apart: at any moment at least one of them has another day than UTC."""
    OrganizationFactory(time_zone=zone)
    clock.forget()

    def view(request):
        with connection.cursor() as cursor:
            cursor.execute("select carewright_today()")
            return HttpResponse(str(cursor.fetchone()[0]))

    try:
        assert asks(view).content.decode() == str(timezone.now().astimezone(ZoneInfo(zone)).date())
    finally:
        clock.forget()
        timezone.deactivate()


def test_every_request_goes_through_it(settings):
    chain = settings.MIDDLEWARE
    where = chain.index("carewright.access.middleware.ActorMiddleware")
    assert where == chain.index("django.contrib.auth.middleware.AuthenticationMiddleware") + 1
    assert not settings.DATABASES["default"].get("ATOMIC_REQUESTS")
