"""A language is there when its translation is; the choice stands on pages when there is something to choose."""

import pytest
from django.conf import settings
from django.test import override_settings
from django.urls import reverse

from carewright.plumbing.languages import languages
from tests.factories.staff import UserFactory

SPANISH = override_settings(LANGUAGES=[("en", "English"), ("es", "Español")])


def test_a_language_is_there_when_its_compiled_translation_is(tmp_path):
    assert languages(tmp_path) == [("en", "English")]
    for folder in ("es", "pt_BR", "qqq"):
        (tmp_path / folder / "LC_MESSAGES").mkdir(parents=True)
    for folder in ("es", "pt_BR"):
        (tmp_path / folder / "LC_MESSAGES" / "django.mo").touch()
    assert languages(tmp_path) == [("en", "English"), ("es", "español"), ("pt-br", "Português Brasileiro")]


@pytest.mark.django_db
def test_the_choice_is_there_when_there_is_more_than_one_and_holds(client):
    reader = UserFactory(role="analyst")
    for page in (settings.LOGIN_URL, reverse("web:account")):
        if page != settings.LOGIN_URL:
            client.force_login(reader)
        assert 'name="language"' not in client.get(page).content.decode()
        with SPANISH:
            assert 'name="language" value="es"' in client.get(page).content.decode()
    with SPANISH:
        answer = client.post(reverse("web:public_language"), {"language": "es", "next": "/account/"})
        assert (answer.status_code, answer.url) == (302, "/account/")
        page = client.get("/account/").content.decode()
        assert '<html lang="es"' in page
        assert 'value="es" lang="es" formaction="/language" aria-pressed="true"' in page
        away = client.post(reverse("web:public_language"), {"language": "es", "next": "https://elsewhere.example/"})
        assert away.url == "/"
