"""What somebody tries who means no good: each door closes, and says so with a page like any other."""

import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from carewright.audit.models import Entry
from carewright.kernel.errors import CannotDo
from carewright.staff.roles import second_factor_roles
from carewright.web import identity_provider, sweeping
from carewright.web.second_factor import SecondFactor
from tests.factories.staff import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
MEGABYTE = 1 << 20


def has_the_strict_headers(answer) -> bool:
    return (
        "default-src 'none'" in answer.headers["Content-Security-Policy"]
        and answer.headers["X-Frame-Options"] == "DENY"
        and answer.headers["X-Content-Type-Options"] == "nosniff"
        and answer.headers["Referrer-Policy"] == "same-origin"
        and "no-store" in answer.headers["Cache-Control"]
    )


@pytest.mark.parametrize(
    ("address", "status"),
    [("/candidates?condition=x%00y", 400), ("/x%00", 400), ("/nowhere", 404), ("/sign-in?" + "a=1&" * 1_100, 400),
     ("/sign-in?next=%ff%fe", 200)],
)  # fmt: skip
def test_a_page_that_turns_somebody_away_carries_the_strict_headers_too(client, address, status):
    UserFactory()  # somebody works here, so the set-up is over
    answer = client.get(address)
    assert answer.status_code == status
    assert has_the_strict_headers(answer)


def test_a_host_we_do_not_answer_to_is_turned_away_with_the_strict_headers(client):
    answer = client.get("/sign-in", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert has_the_strict_headers(answer)
    assert "evil.example" not in answer.content.decode()


# --- counting what was guessed ----------------------------------------------------------------------------------------
def test_guessing_at_many_doors_does_not_make_us_forget_the_first(client):
    user = UserFactory(with_password=True)
    for _attempt in range(6):
        client.post("/sign-in", {"login": user.email, "password": "wrong"})
    for number in range(400):  # more than Django keeps when it is not told how many
        cache.set(f"somebody-else:{number}", [1.0], 3600)
    cache.set("zzz", 1, 60)
    answer = client.post("/sign-in", {"login": user.email, "password": PASSWORD})
    assert "Too many wrong passwords" in answer.content.decode()


def test_what_ran_out_is_swept_away_and_nothing_else():
    at = timezone.now()
    cache.set("over", 1, -5)
    cache.set("counts still", 1, 3600)
    Session.objects.create(session_key="over", session_data="", expire_date=at - timedelta(minutes=1))
    Session.objects.create(session_key="living", session_data="", expire_date=at + timedelta(minutes=1))
    sweeping.sweep(at=at + timedelta(seconds=1))
    with connection.cursor() as cursor:
        cursor.execute("select cache_key from carewright_cache order by 1")
        assert [key for (key,) in cursor.fetchall()] == [":1:counts still"]
    assert [session.pk for session in Session.objects.all()] == ["living"]


@pytest.mark.parametrize("written", ["{}", " {} ", "{upper}", "\u00a0{}", "{long_s}", "{dotless}", "{kelvin}"])
def test_another_way_to_write_an_email_is_no_other_person_to_guess_at(client, written):
    user = UserFactory(with_password=True, email="kim.sills@example.org")
    tried = written.format(
        user.email, upper=user.email.upper(), long_s=user.email.replace("s", "\u017f", 1),
        dotless=user.email.replace("i", "\u0131", 1), kelvin=user.email.replace("k", "\u212a", 1),
    )  # fmt: skip
    for _attempt in range(5):
        client.post("/sign-in", {"login": user.email, "password": "wrong"})
    answer = client.post("/sign-in", {"login": tried, "password": PASSWORD})
    assert answer.status_code == 200, "it opened"


# --- the second factor ------------------------------------------------------------------------------------------------
@pytest.fixture
def phone(client):
    """Somebody with a second factor, and what their phone shows."""
    user = UserFactory(with_password=True)
    secret = totp.generate_totp_secret()
    Authenticator.objects.create(user=user, type="totp", data={"secret": SecondFactor().encrypt(secret)})

    def shows(*, steps: int = 0) -> str:
        return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 + steps))

    return user, shows


def comes_in(user, code) -> bool:
    """Whether a password and this code open the door, in a browser of their own."""
    window = Client()
    assert window.post("/sign-in", {"login": user.email, "password": PASSWORD}).url == "/sign-in/code"
    window.post("/sign-in/code", {"code": code})
    return window.get("/account/").status_code == 200


def test_a_code_opens_once_for_as_long_as_it_would_fit(phone, monkeypatch):
    user, shows = phone
    code, now = shows(), time.time()
    assert comes_in(user, code)
    assert not comes_in(user, code)
    # a step later the phone shows another, and the first would still fit
    monkeypatch.setattr(time, "time", lambda: now + 30)
    with connection.cursor() as cursor:  # what allauth remembers for one step
        cursor.execute("delete from carewright_cache where cache_key like '%%allauth.mfa.totp.used%%'")
    assert totp.validate_totp_code(_secret_of(user), code)
    assert not comes_in(user, code)


def _secret_of(user) -> str:
    return SecondFactor().decrypt(Authenticator.objects.get(user=user).data["secret"])


def test_a_used_code_with_spaces_in_it_is_the_same_code(phone):
    user, shows = phone
    code = shows()
    assert comes_in(user, code)
    with connection.cursor() as cursor:
        cursor.execute("delete from carewright_cache where cache_key like '%%allauth.mfa.totp.used%%'")
    assert not comes_in(user, f"{code[:3]} {code[3:]}")


@pytest.mark.parametrize("address", ["/", "/account/", "/candidates", "/search", "/account/recovery-codes", "/session",
                                     "/account/second-factor/remove", "/confirm-access"])  # fmt: skip
def test_the_password_alone_opens_nothing(phone, address):
    user, _shows = phone
    window = Client()
    window.post("/sign-in", {"login": user.email, "password": PASSWORD})
    assert window.get(address).headers["Location"].startswith("/sign-in")
    assert window.post(address).status_code in (302, 403, 405)
    assert "_auth_user_id" not in window.session


def test_codes_are_not_guessed(phone):
    user, shows = phone
    window = Client()
    window.post("/sign-in", {"login": user.email, "password": PASSWORD})
    right = shows()
    wrong = "000000" if right != "000000" else "000001"
    for _attempt in range(5):
        window.post("/sign-in/code", {"code": wrong})
    assert not comes_in(user, right), "another window starts no new count"


def test_a_step_without_a_code_is_no_failure_of_ours(phone):
    user, _shows = phone
    window = Client()
    window.post("/sign-in", {"login": user.email, "password": PASSWORD})
    assert window.post("/sign-in/code", {}).status_code == 200
    assert window.post("/sign-in/code", {"credential": "{}"}).status_code == 200
    assert "_auth_user_id" not in window.session


def test_whoever_finds_an_open_window_does_not_guess_the_password_in_it(client):
    user = UserFactory(with_password=True)
    client.force_login(user)
    limits = settings.ACCOUNT_RATE_LIMITS
    for action in ("reauthenticate", "change_password"):
        assert any(rate.strip().endswith("/h/user") for rate in limits[action].split(",")), action
    answers = [client.post("/confirm-access", {"password": "wrong"}).status_code for _try in range(11)]
    assert 429 in answers


# --- behind a proxy ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("proxies", "said", "address"),
    [(0, "203.0.113.9", "10.0.0.1"), (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"), (1, None, "10.0.0.1"),
     (2, "203.0.113.9", "10.0.0.1"), (2, "1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9")],
)  # fmt: skip
def test_the_log_names_where_somebody_really_came_from(settings, proxies, said, address):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    window = Client(REMOTE_ADDR="10.0.0.1", **({"HTTP_X_FORWARDED_FOR": said} if said else {}))
    user = UserFactory(role="care_manager", with_password=True)
    assert window.post("/sign-in", {"login": user.email, "password": PASSWORD}).status_code == 302
    window.post("/sign-out-elsewhere")
    assert Entry.objects.get(did="signed_out_elsewhere").address == address


# --- more than a form -------------------------------------------------------------------------------------------------
class Unread:
    """What a stranger sends: it must not be read."""

    def read(self, *_size):
        raise AssertionError("it was read")

    readline = read


@pytest.mark.parametrize("address", ["/sign-in", "/self-referral", "/imports/upload", "/nowhere", "/channel/gateway"])
def test_a_stranger_fills_no_disk(address):
    answer = Client().generic(
        "POST", address, b"x", content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1), **{"wsgi.input": Unread()},
    )  # fmt: skip
    assert answer.status_code == 413
    assert "too large" in answer.content.decode()
    assert has_the_strict_headers(answer)


def test_somebody_signed_in_brings_in_a_large_file_where_files_come_in_and_nowhere_else(client, tmp_path):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(UserFactory(role="analyst"))
    for address, status in (("/imports/upload", 422), ("/search", 413)):
        file = SimpleUploadedFile("large.csv", b"a,b\n" * (3 * MEGABYTE))
        answer = client.post(
            address, {"file": file, "source": "x" * 90}
        )  # the feed's name is too long: nothing is kept
        assert answer.status_code == status


# --- slips of the pen in settings -------------------------------------------------------------------------------------
def test_a_setting_that_names_no_role_is_refused():
    with pytest.raises(CannotDo, match="administrators"):
        second_factor_roles("administrators")
    with pytest.raises(CannotDo, match="superviser"):
        identity_provider.roles_from({"CAREWRIGHT_OIDC_ROLES": "leads=superviser"})
    assert second_factor_roles("administrator, quality") == {"administrator", "quality"}
