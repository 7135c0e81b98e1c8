"""A home for one bench: made for it and taken away after it, or kept in a folder somebody names."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch_home(keep: Path | None) -> Iterator[Path]:
    """Work in a home of one's own, with Django set up on it; with `keep` it stays, and is used again the next time."""
    folder = keep or Path(tempfile.mkdtemp(prefix="carewright-bench-"))
    os.environ["CAREWRIGHT_HOME"] = str(folder.resolve())
    from carewright.cli.main import prepare_django

    prepare_django()
    from carewright.plumbing import embedded_postgres, home

    try:
        yield folder
    finally:
        if not keep:
            if not os.environ.get("DATABASE_URL"):
                embedded_postgres.Server(home.current()).remove()
            shutil.rmtree(folder, ignore_errors=True)
