"""What every walk stands on: see `tests/browser.py`."""

from pathlib import Path

import pytest

from tests.browser import _django_db_marker, browser, clinic, lived_in_clinic, open_window  # noqa: F401
from tests.journeys.unhappy import followed  # noqa: F401


def pytest_collection_modifyitems(items):
    """A walk needs the migrated test database to exist, as something to copy from."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.django_db)
