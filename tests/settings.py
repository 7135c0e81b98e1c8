"""
The settings of the tests: the product's own, in a home made for this run and removed after it.

pytest reads this before anything else, so that no test ever meets a developer's home.
"""

import os
import tempfile

# The first process makes the home; processes that pytest-xdist starts find it in their environment. The database is
# started by the first test that needs one (`tests/conftest.py`).
if "CAREWRIGHT_TEST_HOME" not in os.environ:
    os.environ["CAREWRIGHT_TEST_HOME"] = tempfile.mkdtemp(prefix="cw-test-")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in the thread of the test
os.environ["CAREWRIGHT_HOME"] = os.environ["CAREWRIGHT_TEST_HOME"]

from carewright.settings import *  # noqa: F403

PASSWORD_HASHERS = ["tests.quick_hasher.QuickArgon2", *PASSWORD_HASHERS[1:]]  # noqa: F405
