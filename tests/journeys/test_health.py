"""What a monitor sees when the database is gone."""

import json
import urllib.error
import urllib.request

import psycopg
import pytest
from django.db import connection

from tests.browser import running_clinic


def test_without_its_database_it_says_so_and_does_not_break(django_db_setup, django_db_blocker):
    with running_clinic(django_db_blocker, name="gone") as clinic:
        known = connection.settings_dict
        credentials = {
            "host": known["HOST"],
            "user": known["USER"],
            "password": known["PASSWORD"],
            "port": known["PORT"],
        }
        with psycopg.connect(
            dbname="postgres", autocommit=True, **{k: v for k, v in credentials.items() if v}
        ) as keeper:
            keeper.execute(f'drop database "{clinic.database}" with (force)')
        with pytest.raises(urllib.error.HTTPError) as answer:
            urllib.request.urlopen(f"{clinic.address}/health")
        assert answer.value.code == 503
        assert json.load(answer.value)["ok"] is False
        with pytest.raises(urllib.error.HTTPError) as page:
            urllib.request.urlopen(f"{clinic.address}/sign-in")
        assert page.value.code == 500
        assert "Something broke on our side" in page.value.read().decode()
