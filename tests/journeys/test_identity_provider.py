"""Coming in through the organization's own sign-in: who one is, which role one's groups mean, who stays outside."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from playwright.sync_api import expect

from tests.browser import axe, running_clinic


class Provider:
    """A small OpenID Connect provider; `person` is whoever is at its keyboard."""

    def __init__(self):
        self.person: dict = {}
        provider = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self):
                place = urlsplit(self.path)
                if place.path.endswith("/.well-known/openid-configuration"):
                    self._say(provider.description())
                elif place.path == "/authorize":
                    asked = parse_qs(place.query)
                    assert asked["code_challenge_method"] == ["S256"], "PKCE is used"
                    back = urlencode({"code": "c0de", "state": asked["state"][0]})
                    self.send_response(302)
                    self.send_header("Location", f"{asked['redirect_uri'][0]}?{back}")
                    self.end_headers()
                elif place.path == "/userinfo":
                    self._say(provider.person)

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                now = int(time.time())
                claims = {"iss": provider.address, "aud": "carewright", "iat": now, "exp": now + 60} | provider.person
                token = jwt.encode(claims, "a key of the provider alone, long enough", algorithm="HS256")
                self._say({"access_token": "t0ken", "token_type": "Bearer", "id_token": token})

            def _say(self, what):
                body = json.dumps(what).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def description(self) -> dict:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "userinfo_endpoint": f"{self.address}/userinfo",
            "jwks_uri": f"{self.address}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }


@pytest.fixture(scope="module")
def provider():
    running = Provider()
    yield running
    running.server.shutdown()


@pytest.fixture(scope="module")
def federated_clinic(provider, django_db_setup, django_db_blocker):
    """An installation whose people come from a provider."""
    with running_clinic(
        django_db_blocker,
        name="federated",
        CAREWRIGHT_OIDC_SERVER=provider.address,
        CAREWRIGHT_OIDC_NAME="Riverside",
        CAREWRIGHT_OIDC_ROLES="care-leads=supervisor;care-nurses=care_manager",
        CAREWRIGHT_SECOND_FACTOR_ROLES="none",
    ) as running:
        running.person("administrator")
        yield running


def come_in(page) -> None:
    page.goto("/sign-in")
    page.get_by_role("button", name="Sign in with Riverside").click()
    page.wait_for_load_state()


def people_called(clinic, email: str) -> list:
    with clinic.inside():
        from carewright.staff.models import User

        return list(User.objects.filter(email=email))


def test_groups_become_a_role_and_follow_when_they_change(federated_clinic, provider, open_window):
    provider.person = {
        "sub": "1", "email": "Nadia.Rahman@riverside.example.org", "email_verified": True, "given_name": "Nadia",
        "family_name": "Rahman", "groups": ["everyone", "care-nurses"],
    }  # fmt: skip
    page = open_window(federated_clinic)
    come_in(page)
    assert "/sign-in" not in page.url
    (nurse,) = people_called(federated_clinic, "nadia.rahman@riverside.example.org")
    assert (nurse.role, nurse.name) == ("care_manager", "Nadia Rahman")

    provider.person["groups"] = ["care-nurses", "care-leads"]
    come_in(open_window(federated_clinic))
    (nurse,) = people_called(federated_clinic, "nadia.rahman@riverside.example.org")
    assert nurse.role == "supervisor"


def test_someone_without_a_mapped_group_stays_outside(federated_clinic, provider, open_window):
    provider.person = {
        "sub": "2",
        "email": "guest@riverside.example.org",
        "email_verified": True,
        "groups": ["everyone"],
    }
    page = open_window(federated_clinic)
    come_in(page)
    expect(page.get_by_role("heading", name="You have no account here")).to_be_visible()
    axe(page)
    assert not people_called(federated_clinic, "guest@riverside.example.org")


def test_an_unchecked_email_does_not_open_somebody_elses_account(federated_clinic, provider, open_window):
    victim = federated_clinic.person("administrator")
    provider.person = {"sub": "3", "email": victim.email, "email_verified": False, "groups": ["care-leads"]}
    page = open_window(federated_clinic)
    come_in(page)
    expect(page.get_by_role("heading", name="You have no account here")).to_be_visible()
    page.goto("/account/")
    assert "/sign-in" in page.url


def test_a_closed_account_stays_closed(federated_clinic, provider, open_window):
    former = federated_clinic.person("care_manager", is_active=False)
    provider.person = {"sub": "4", "email": former.email, "email_verified": True, "groups": ["care-nurses"]}
    page = open_window(federated_clinic)
    come_in(page)
    page.goto("/account/")
    assert "/sign-in" in page.url
