"""A question to whoever typed a command; a script is never asked, because nobody would answer it."""

import getpass
import os
import sys

from carewright.kernel.errors import CannotDo


def is_watched() -> bool:
    """Whether a person sits before this command: what it asks is seen, and what they type is heard."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str) -> str:
    """What the person answers; asked on standard error, so that a table on standard output stays a table."""
    print(question, end=" ", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    if not answer:  # Ctrl-D: the terminal was closed on the question
        print(file=sys.stderr)
        raise CannotDo("Nothing was answered, so nothing was done.")
    return answer.strip()


def os_user() -> str:
    """Who runs this on the machine, by name, or by number where the machine knows no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"number {os.getuid()}"
