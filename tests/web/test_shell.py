"""The frame of every page: what it offers to whom, what it tells the browser, what it never writes down."""

import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from carewright import settings as product_settings
from carewright.staff import roles
from carewright.staff.models import User
from carewright.web import logs, navigation, preferences, sessions
from tests.factories.access import TieFactory
from tests.factories.registry import PatientFactory
from tests.factories.staff import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
WEB = Path(navigation.__file__).parent


@pytest.fixture
def somebody(client):
    """Someone signed in, with the role of the test."""

    def signed_in(role: str = "administrator") -> Client:
        client.force_login(UserFactory(role=role))
        return client

    return signed_in


@pytest.mark.parametrize("role", roles.CODES)
def test_the_sidebar_shows_what_the_role_may_open_and_nothing_else(role):
    user = UserFactory(role=role)
    shown = {link.href for link in navigation.links_for(user, path="/")}
    for place in navigation.PLACES:
        href = navigation.address(place.url_name)
        if href:
            asked = [roles.Permission[each] for each in (place.permission, place.also) if each]
            assert (href in shown) == all(user.may(each) for each in asked)


def test_the_deepest_place_is_the_one_we_are_at():
    user = UserFactory(role="administrator")
    (here,) = [link for link in navigation.links_for(user, path="/administration/teams/4") if link.here]
    assert here.name == "Administration"


@pytest.mark.parametrize("role", roles.CODES)
def test_the_start_page_leads_somewhere_for_every_role(somebody, role):
    answer = somebody(role).get("/", follow=True)
    assert answer.status_code == 200


def test_a_role_without_a_page_is_told_so(somebody, monkeypatch):
    monkeypatch.setattr(navigation, "PLACES", ())
    assert "Your pages come with a later version" in somebody("billing").get("/").content.decode()


def test_every_answer_carries_the_strict_headers(somebody):
    for answer in (somebody().get("/account/"), Client().get("/sign-in"), somebody().get("/nowhere")):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy and "unsafe" not in policy
        assert "style-src 'self'" in policy
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "camera=()" in answer.headers["Permissions-Policy"]
        assert "no-store" in answer.headers["Cache-Control"]


def test_no_template_carries_an_inline_script_or_style():
    bad = re.compile(
        r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\ssrc=)|hx-on|javascript:|hx-vals=.js:", re.IGNORECASE
    )
    found = [
        f"{path.name}: {match.group()}"
        for path in WEB.parent.rglob("templates/**/*.html")
        for match in bad.finditer(path.read_text())
    ]
    assert not found


@pytest.mark.parametrize(
    "address",
    ["/accounts/signup/", "/signup", "/accounts/email/", "/accounts/login/", "/accounts/password/reset/",
     "/accounts/3rdparty/", "/accounts/confirm-email/", "/account/webauthn/", "/admin/"],
)  # fmt: skip
def test_pages_we_do_not_use_are_not_there(somebody, address):
    assert somebody().get(address).status_code == 404


def test_nobody_signs_up_by_themselves():
    for name in ("account_signup", "socialaccount_signup", "account_email", "mfa_add_webauthn"):
        with pytest.raises(NoReverseMatch):
            reverse(name)


def test_health_says_nothing_but_that_it_is_well(client):
    answer = client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"ok": True, "version": settings.VERSION})


def test_health_says_so_when_the_database_is_away(client, monkeypatch):
    from django.db import OperationalError

    from carewright.web import health

    class Gone:
        def cursor(self):
            raise OperationalError("gone")

    monkeypatch.setattr(health, "connection", Gone())
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json()["ok"] is False


def test_a_broken_page_gives_a_code_that_is_in_the_log(client, monkeypatch, caplog):
    from carewright.web import views

    def breaks(*args, **kwargs):
        raise RuntimeError("the patient Ada Lovelace, born 1950-03-17")

    monkeypatch.setattr(views.chosen, "keep", breaks)
    client.force_login(UserFactory())
    client.raise_request_exception = False
    answer = client.post("/preferences", {"theme": "dark"})
    assert answer.status_code == 500
    code = re.search(r"W-[0-9A-F]{6}", answer.content.decode()).group()
    lines = [logs.WithoutPeople().format(record) for record in caplog.records if record.levelno >= logging.ERROR]
    assert any(code in line for line in lines)
    assert not any("Lovelace" in line or "1950" in line for line in lines)


def test_a_form_that_is_too_old_says_what_to_do():
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(UserFactory())
    answer = strict.post("/preferences", {"theme": "dark"})
    assert answer.status_code == 403
    assert "This form is too old" in answer.content.decode()


def test_a_script_of_a_signed_out_page_is_told_and_not_redirected(client):
    assert client.get("/account/", headers={"HX-Request": "true"}).status_code == 401
    assert client.get("/account/").status_code == 302


def test_preferences_keep_only_what_is_known(client):
    user = UserFactory()
    client.force_login(user)
    client.post("/preferences", {"theme": "dark", "density": "<script>", "next": "https://evil.example/"})
    user.refresh_from_db()
    assert user.preferences == {"theme": "dark"}
    assert preferences.of(user).density == "compact"


def test_preferences_do_not_lead_away(client):
    client.force_login(UserFactory())
    answer = client.post("/preferences", {"theme": "dark", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"


def test_looking_at_the_clock_is_no_sign_of_life(client):
    client.force_login(UserFactory())
    client.get("/account/")
    session = client.session
    long_ago = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE / 2)
    session[sessions.SEEN_AT] = long_ago.isoformat()
    session.save()
    left = client.get("/session").json()["seconds_left"]
    assert left <= settings.SESSION_COOKIE_AGE / 2
    assert client.post("/session").json()["seconds_left"] > left


def test_a_session_ends_in_any_case_after_some_hours(client):
    client.force_login(UserFactory())
    client.get("/account/")
    session = client.session
    session[sessions.SIGNED_IN_AT] = (timezone.now() - settings.SESSION_AT_MOST - timedelta(seconds=1)).isoformat()
    session.save()
    assert client.get("/account/").status_code == 302


def test_signing_out_elsewhere_spares_this_browser():
    user, here, there = UserFactory(), Client(), Client()
    here.force_login(user)
    there.force_login(user)
    other = Client()
    other.force_login(UserFactory())
    here.post("/sign-out-elsewhere")
    assert here.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302


def test_before_set_up_a_stranger_without_the_code_learns_nothing_of_this_machine(client, tmp_path, monkeypatch):
    from carewright.web import first_run_state

    monkeypatch.setattr(first_run_state, "is_open", lambda: True)
    said = {"token": "a guess", "backup_folder": str(tmp_path / "not there"), "name": "X"}
    page = client.post("/set-up", said).content.decode()
    assert "This is not the code" in page and "There is no such folder" not in page
    said["token"] = settings.HOME.secret("setup")
    page = client.post("/set-up", said).content.decode()
    assert "There is no such folder" in page and "This is not the code" not in page


def test_passwords_are_kept_with_argon2():
    assert UserFactory(with_password=True).password.startswith("argon2")
    # Tests hash with less work; what the product itself asks for is read from its own settings.
    assert product_settings.PASSWORD_HASHERS[0] == "django.contrib.auth.hashers.Argon2PasswordHasher"
    hasher = import_string(product_settings.PASSWORD_HASHERS[0])()
    assert "m=102400,t=2,p=8" in hasher.encode("a long enough one", hasher.salt())


def test_demo_users_are_shown_in_a_demo_home_only(client):
    assert "Who do you want to be?" not in client.get("/sign-in").content.decode()


def test_a_static_address_changes_with_its_content():
    from carewright.web.static_files import FingerprintedFiles, fingerprint

    assert re.fullmatch(
        r"/static/carewright/css/base\.css\?v=[0-9a-f]{10}",
        FingerprintedFiles(base_url="/static/").url("carewright/css/base.css"),
    )
    assert fingerprint("carewright/css/base.css") != fingerprint("carewright/css/layout.css")


def test_every_icon_a_template_names_is_there():
    from carewright.web.templatetags.icons import drawings

    named = {
        name
        for path in WEB.parent.rglob("templates/**/*.html")
        for name in re.findall(r'{% icon "([a-z0-9-]+)"', path.read_text())
        + re.findall(r'icon="([a-z0-9-]+)"', path.read_text())
    } | {place.icon for place in navigation.PLACES}
    assert named <= drawings().keys()


@pytest.mark.parametrize(
    "said",
    ["GET /search?q=Lovelace", "mail to ada@example.org", "born 1950-03-17", "born 3/17/1950", "member M123456789", "19500317"],
)  # fmt: skip
def test_the_log_blots_out_what_could_be_a_person(said):
    record = logging.LogRecord("x", logging.INFO, "x.py", 1, "%s", (said,), None)
    line = logs.WithoutPeople().format(record)
    for secret in ("Lovelace", "ada@", "1950", "123456789"):
        assert secret not in line


def test_a_link_that_opens_an_account_is_not_in_the_log(client, caplog):
    from carewright.access import people

    code = people.invitation(person=UserFactory(), by=UserFactory(role="administrator"))
    assert client.post(f"/invitation/{code}", {"password": "weak", "again": "weak"}).status_code == 422
    lines = [logs.WithoutPeople().format(record) for record in caplog.records if record.name == "django.request"]
    assert lines and not any(code in line for line in lines)


def test_a_line_about_a_refused_page_does_not_say_whose_it_was(client, caplog):
    client.force_login(UserFactory(role="supervisor"))
    patient = PatientFactory()
    assert client.get(f"/people/{patient.public_id}/nothing-here").status_code == 404
    lines = [logs.WithoutPeople().format(record) for record in caplog.records if record.name == "django.request"]
    assert lines
    assert not any(str(patient.public_id) in line for line in lines)


@pytest.mark.parametrize(
    "address",
    ["/candidates?condition=x%00y", "/candidates?county=%00", "/candidates?pcp=1%00", "/candidates?zip=%00&payer=%00",
     "/imports/%00", "/people/x%00"],
)  # fmt: skip
def test_an_address_with_nul_is_turned_away_with_a_page(client, address):
    client.force_login(UserFactory(role="supervisor"))
    answer = client.get(address)
    assert answer.status_code == 400
    assert "What was sent does not read" in answer.content.decode()
    assert client.post("/search", {"q": "ab\0cd"}).status_code == 200


def test_what_is_searched_for_stands_in_no_address(client, caplog):
    caplog.set_level(logging.DEBUG)
    nurse = UserFactory(role="supervisor")
    from tests.factories.access import TieFactory

    patient = PatientFactory(family_name="Vanterpool", given_name="Ludmilla")
    stranger = PatientFactory(family_name="Vanterpool", given_name="Ottoline")
    TieFactory(user=nurse, patient=patient)
    client.force_login(nurse)
    answer = client.post("/search", {"q": "vanterp"})
    page = answer.content.decode()
    assert "Vanterpool, Ludmilla" in page
    assert "Ottoline" not in page, "somebody else's patient is not found"
    assert not answer.redirect_chain if hasattr(answer, "redirect_chain") else True
    assert client.get("/search?q=vanterp").content.decode().count("Vanterpool") == 0
    from carewright.audit.models import Entry

    entry = Entry.objects.get(did="saw_list")
    assert entry.patient_ids == [patient.pk]
    assert stranger.pk not in entry.patient_ids
    formatter = logs.WithoutPeople()
    # What the SQL logger writes at DEBUG never reaches a handler in production; our own lines are looked at.
    ours = [formatter.format(record) for record in caplog.records if not record.name.startswith("django.db")]
    assert not any("anterpool" in line.lower() or "vanterp" in line.lower() for line in ours)


@override_settings(SECOND_FACTOR_ROLES=frozenset({"administrator"}))
def test_who_owes_a_second_factor_gets_nowhere(client):
    client.force_login(UserFactory(role="administrator"))
    assert client.get("/administration/people").headers["Location"] == reverse("mfa_activate_totp")
    assert client.get("/account/").status_code == 200
    client.force_login(UserFactory(role="care_manager"))
    assert client.get("/account/").status_code == 200


def test_the_wrong_password_is_counted_in_the_database(client):
    user = UserFactory(with_password=True)
    for _attempt in range(5):
        client.post("/sign-in", {"login": user.email, "password": "wrong"})
    answer = client.post("/sign-in", {"login": user.email, "password": PASSWORD})
    assert "Too many wrong passwords" in answer.content.decode()
    assert settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache")


def signing_in(user, password, *, address):
    """One try from one address; whether it opened."""
    return Client(REMOTE_ADDR=address).post("/sign-in", {"login": user.email, "password": password})


def test_a_colleague_cannot_lock_somebody_out(client):
    user = UserFactory(with_password=True)
    for _attempt in range(7):
        refused = signing_in(user, "wrong", address="10.0.0.66")
    assert "Too many wrong passwords" in refused.content.decode()
    assert signing_in(user, PASSWORD, address="10.0.0.66").status_code == 200, "closed where the wrong ones came from"
    assert signing_in(user, PASSWORD, address="10.0.0.7").status_code == 302, "open everywhere else"


def test_one_address_cannot_use_up_what_all_addresses_together_may_guess(monkeypatch):
    monkeypatch.setitem(settings.ACCOUNT_RATE_LIMITS, "login_failed_anywhere", "6/d/key")
    user = UserFactory(with_password=True)
    for _attempt in range(12):
        signing_in(user, "wrong", address="10.0.0.66")
    assert signing_in(user, PASSWORD, address="10.0.0.7").status_code == 302


def test_many_addresses_together_are_bounded_and_a_new_link_opens_again(monkeypatch):
    from carewright.access import people

    monkeypatch.setitem(settings.ACCOUNT_RATE_LIMITS, "login_failed_anywhere", "6/d/key")
    user = UserFactory(with_password=True)
    for number in range(6):
        assert "do not belong together" in signing_in(user, "wrong", address=f"10.0.1.{number}").content.decode()
    assert "Too many wrong passwords" in signing_in(user, PASSWORD, address="10.0.0.7").content.decode()
    code = people.invitation(person=user, by=UserFactory(role="administrator"))
    new = "seven slow bicycles"
    assert (
        Client(REMOTE_ADDR="10.0.0.7").post(f"/invitation/{code}", {"password": new, "again": new}).status_code == 302
    )
    assert signing_in(user, new, address="10.0.0.7").status_code == 302


def test_right_passwords_count_for_nothing(monkeypatch):
    monkeypatch.setitem(settings.ACCOUNT_RATE_LIMITS, "login_failed_anywhere", "6/d/key")
    user = UserFactory(with_password=True)
    for _time in range(8):
        assert signing_in(user, PASSWORD, address="10.0.0.7").status_code == 302


def test_too_many_tries_from_one_place_are_told_so_on_a_page_of_ours(monkeypatch):
    monkeypatch.setitem(settings.ACCOUNT_RATE_LIMITS, "login", "1/m/ip")
    user = UserFactory(with_password=True)
    signing_in(user, "wrong", address="10.0.2.1")
    answer = signing_in(user, "wrong", address="10.0.2.1")
    assert answer.status_code == 429 and "Wait a minute" in answer.content.decode()


@pytest.mark.parametrize("role", roles.CODES)
def test_emergency_access_is_found_by_those_who_may_and_by_nobody_else(somebody, role):
    client = somebody(role)
    may = roles.BY_CODE[role].allows(roles.Permission.BREAK_GLASS)
    missing = client.get("/no-such-page")
    assert missing.status_code == 404
    link = reverse("access:emergency")
    page, _, menu = missing.content.decode().partition("error-page")
    assert (link in page) == may
    assert (link in menu) == may


@pytest.mark.parametrize("role", roles.CODES)
def test_every_role_starts_on_a_page_of_its_own(somebody, role):
    answer = somebody(role).get("/")
    assert answer.status_code == 302
    works = roles.BY_CODE[role].allows(roles.Permission.WORK_TASKS)
    assert (answer.url == reverse("day:day")) == works


@override_settings(SECOND_FACTOR_ROLES=frozenset({"none"}))
def test_the_roles_page_promises_what_some_page_asks_for_and_nothing_else(somebody):
    from carewright.web.administration import queries

    asked = set(queries.permissions_in_use())
    assert {roles.Permission.SEE_CANDIDATES, roles.Permission.MANAGE_PEOPLE, roles.Permission.BREAK_GLASS} <= asked
    page = somebody().get(reverse("administration:roles")).content.decode()
    for permission in roles.Permission:
        said = permission.said[0].upper() + permission.said[1:]
        assert (said.replace("'", "&#x27;") in page) == (permission in asked), permission


def test_initials_are_those_of_the_person_not_of_the_credential():
    from carewright.web.templatetags.shell import initials

    assert initials("Jerome Banks, LCSW") == "JB"
    assert initials("Maria Nunez, PharmD") == "MN"
    assert initials("Abernathy, Ruth") == "RA"
    assert initials("Van Dyke, Jo") == "JV"


def test_a_form_whose_nul_the_database_refuses_is_turned_away_with_a_page(rf):
    """Whatever form does not look for it itself: never a failure of ours."""
    from django.db import DataError

    from carewright.web.security import Headers

    middleware = Headers(lambda request: None)
    request = rf.post("/anything", {"note": "a\0b"})
    request.code = "W-1"
    for refusal in (DataError("NUL (0x00)"), ValueError("A string literal cannot contain NUL (0x00) characters.")):
        answer = middleware.process_exception(request, refusal)
        assert answer.status_code == 400
        assert "What was sent does not read" in answer.content.decode()
    assert middleware.process_exception(request, KeyError("x")) is None
    assert middleware.process_exception(rf.post("/anything", {"note": "ab"}), ValueError("x")) is None


def test_the_numbers_beside_the_sidebar_are_kept_for_seconds_and_counted_anew_after_a_change(somebody, monkeypatch):
    said = {"waiting": 3, "alarms": 1}
    monkeypatch.setattr(
        navigation,
        "counter_named",
        lambda dotted: lambda _user: said["alarms" if "alarm_count" in dotted else "waiting"],
    )
    nurse = UserFactory(role="care_manager")

    def counts() -> dict[str, int | None]:
        return {link.name: link.count for link in navigation.links_for(nurse, path="/")}

    assert counts()["Outreach"] == 3
    said.update(waiting=2, alarms=2)
    later = counts()
    assert later["Outreach"] == 3, "kept for some seconds"
    assert later["Alarms"] == 2, "an alarm is never kept waiting"
    assert somebody().post("/session", {}).status_code < 500
    assert counts()["Outreach"] == 3, "somebody else's change does not make everyone count"
    client = Client()
    client.force_login(nurse)
    client.post("/session", {})
    assert counts()["Outreach"] == 2, "one's own change does"


def test_numbers_kept_are_one_question_to_the_database_and_one_for_which_run_they_are(django_assert_max_num_queries):
    supervisor = UserFactory(role="supervisor")
    navigation.links_for(supervisor, path="/")
    with django_assert_max_num_queries(3):
        navigation.links_for(supervisor, path="/")


def test_a_reload_of_a_step_leads_back_to_its_page_with_a_sentence(somebody):
    """After a sign-in the browser asks for the address of the form that was sent, and gets the page it stands on."""
    client, patient = somebody("care_manager"), PatientFactory()
    TieFactory(user=User.objects.get(), patient=patient)
    step = reverse("enrollment:agree", args=[patient.public_id])
    answer = client.get(step, headers={"Accept": "text/html,*/*"})
    assert (answer.status_code, answer.url) == (302, reverse("enrollment:consent", args=[patient.public_id]))
    sharing = reverse("enrollment:revoke", args=[patient.public_id, patient.public_id])
    seen = client.get(sharing, headers={"Accept": "text/html,*/*"}, follow=True)
    assert seen.redirect_chain[-1][0] == f"/patients/{patient.public_id}", "past another step"
    assert seen.status_code == 200 and seen.content.decode().count("That was a step, not a page") == 1
    assert client.get(step).status_code == 405, "a program is told the plain truth"
    assert client.put(step, headers={"Accept": "text/html"}).status_code == 405


def test_a_stranger_is_sent_nowhere_by_an_address_that_only_takes_forms(client):
    answer = client.get(reverse("channel:public_gateway"), headers={"Accept": "text/html"})
    assert answer.status_code == 405
