"""What every test stands on: a home of its own."""

import os
import tempfile

os.environ["CAREWRIGHT_HOME"] = tempfile.mkdtemp(prefix="cw-test-")
