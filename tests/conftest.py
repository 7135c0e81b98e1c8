"""What every test stands on; `tests/settings.py` makes its home and its database."""

import os
import shutil

from hypothesis import HealthCheck, settings

import tests.settings  # noqa: F401  (makes the home before pytest-xdist starts processes that share it)
from carewright.plumbing import embedded_postgres, home

settings.register_profile("day", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("night", max_examples=5_000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "day"))


def pytest_unconfigure(config):
    """Leave nothing behind: neither a server nor a folder."""
    if hasattr(config, "workerinput"):
        return
    if not os.environ.get("DATABASE_URL"):
        embedded_postgres.Server(home.current()).remove()
    shutil.rmtree(os.environ["CAREWRIGHT_TEST_HOME"], ignore_errors=True)
