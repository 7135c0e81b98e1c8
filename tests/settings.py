"""
The settings of the tests: the product's own, in a home made for this run and removed after it.

pytest reads this before anything else, so that no test ever meets a developer's home.
"""

import os
import tempfile

# The first process makes the home; processes that pytest-xdist starts find it in their environment.
IS_FIRST = "CAREWRIGHT_TEST_HOME" not in os.environ
if IS_FIRST:
    os.environ["CAREWRIGHT_TEST_HOME"] = tempfile.mkdtemp(prefix="cw-test-")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in the thread of the test
os.environ["CAREWRIGHT_HOME"] = os.environ["CAREWRIGHT_TEST_HOME"]

from carewright.plumbing import embedded_postgres, home  # noqa: E402  (the home must be named first)

if IS_FIRST:
    embedded_postgres.start(home.current())

from carewright.settings import *  # noqa: E402, F403
