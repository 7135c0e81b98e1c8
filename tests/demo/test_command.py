"""`demo SIZE` and `demo users`: an empty home becomes a demo; a home with anything else in it is left alone."""

import argparse
import json
from datetime import date

import pytest

from carewright.cli import demo
from carewright.cli.main import main
from carewright.kernel.errors import CannotDo
from carewright.plumbing import embedded_postgres, home
from carewright.staff import roles
from tests.browser import DEMO_SAID, installation, lived_in, surroundings

AS_OF = date(2026, 11, 20)


@pytest.fixture
def empty_home(tmp_path, monkeypatch):
    monkeypatch.setenv("CAREWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setitem(demo.SIZES, "small", 400)
    found = home.current()
    yield found
    embedded_postgres.Server(found).remove()  # a command starts it


@pytest.fixture(scope="module")
def arguments():
    parser = argparse.ArgumentParser()
    demo.add(parser.add_subparsers())
    return parser


def test_the_arguments_of_the_command(arguments):
    args = arguments.parse_args(["demo", "medium", "--seed", "5", "--as-of", "2026-11-24"])
    assert (args.what, args.seed, args.as_of) == ("medium", 5, date(2026, 11, 24))


def test_sizes_are_those_promised():
    assert demo.SIZES == {"small": 5_000, "medium": 20_000, "large": 50_000, "huge": 1_000_000}


@pytest.fixture
def demo_home(django_db_setup, django_db_blocker, monkeypatch):
    """A demo that was made from an empty home, and what the command said while it was made."""
    made_of = lived_in(django_db_blocker)
    with installation(django_db_blocker, name="command", **made_of) as place:
        for name, value in surroundings(django_db_blocker, place.home, place.database).items():
            monkeypatch.setenv(name, value)
        with place.inside():
            yield home.current(), json.loads(DEMO_SAID.read_text())


def test_an_empty_home_becomes_a_demo_that_can_be_signed_in_to(demo_home, capsys):
    here, made = demo_home
    assert here.is_demo
    assert made["rows"] > 10_000
    assert made["set_aside"] > 0
    assert made["candidates"] > 10
    assert [step["step"] for step in made["steps"]] == [
        "files",
        "people to sign in as",
        "ingest",
        "stratify",
        "caseloads, calls, plans, referrals",
    ]

    from carewright.access.models import Tie
    from carewright.registry.models import Patient
    from carewright.staff.models import User
    from carewright.warehouse import landing

    assert main(["demo", "users", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert set(listed[0]) == {"role", "name", "sign_in", "password"}
    assert {user["role"] for user in listed} == {role.name for role in roles.ROLES}
    for user in listed:
        person = User.objects.get(email=user["sign_in"])
        assert person.check_password(user["password"])
    assert Patient.objects.filter(given_name="Ruth", family_name="Abernathy").exists()
    assert Tie.objects.filter(because="caseload", user__email="maria.delgado@demo.example").exists()
    assert len(landing.part2_sources(here)) == 1

    # The same command again goes on from where it was, and changes nothing.
    people = User.objects.count(), Patient.objects.count(), Tie.objects.count()
    again = demo.make("small", members=400)
    assert (again["as_of"], again["rows"]) == (made["as_of"], 0)
    assert (User.objects.count(), Patient.objects.count(), Tie.objects.count()) == people

    with pytest.raises(CannotDo, match="holds the demo 'small'"):
        demo.make("medium")


@pytest.mark.django_db
def test_a_home_with_somebody_in_it_is_left_alone(empty_home):
    from carewright.staff.models import User

    User.objects.create_user("real@example.org", first_name="Real", last_name="Person", role="administrator")
    with pytest.raises(CannotDo, match="is not empty"):
        demo.make("small", as_of=AS_OF)
    assert not empty_home.is_demo
    assert not (empty_home.path / "demo").exists()


@pytest.mark.django_db
def test_a_home_that_received_something_is_left_alone(empty_home):
    (empty_home.received / "0123").write_bytes(b"a,b\n")
    with pytest.raises(CannotDo, match="is not empty"):
        demo.make("small", as_of=AS_OF)
    assert not empty_home.is_demo


@pytest.mark.django_db
def test_demo_users_refuses_a_home_that_is_not_a_demo(empty_home, capsys):
    assert main(["demo", "users"]) == 2
    assert "is not a demo home" in capsys.readouterr().err


def test_every_home_has_another_password():
    from carewright.demo.users import password

    assert password("one") == password("one")
    assert len({password(str(number)) for number in range(50)}) > 45
