"""`dev …`: for developers. `check` says whether the house is in order, `fix` tidies it, `docs` and `words` write what is generated."""

import argparse
import importlib.util
import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

from carewright.kernel.errors import CannotDo

ROOT = Path(__file__).resolve().parents[4]
CHECKS = (
    ("style", ["-m", "ruff", "check", "src", "tests", "manage.py"]),
    ("layout of the code", ["-m", "ruff", "format", "--check", "src", "tests", "manage.py"]),
    ("floors", ["-c", "from importlinter.cli import lint_imports_command as run; run()"]),
    ("types", ["-m", "mypy"]),
    ("migrations", ["manage.py", "makemigrations", "--check", "--dry-run"]),
    ("generated pages", ["-m", "carewright.cli", "dev", "docs", "--check"]),
    ("words for translators", ["-m", "carewright.cli", "dev", "words", "--check"]),
)


def add(subparsers) -> None:
    parser = subparsers.add_parser("dev", help="for developers: check, fix, docs, words, decide, night, screenshots")
    # Made as every command is, so that each takes --home and --json too.
    commands = parser.add_subparsers(required=True, metavar="WHAT", parser_class=subparsers._parser_class)
    check_ = commands.add_parser("check", help="style, floors, types, migrations, generated pages")
    check_.set_defaults(run=check, database=False)
    fix_ = commands.add_parser("fix", help="tidy the style")
    fix_.set_defaults(run=fix, database=False)
    docs_ = commands.add_parser("docs", help="write docs/clinical and docs/data from the code")
    docs_.add_argument("--check", action="store_true", help="only say whether they are current")
    docs_.set_defaults(run=docs)
    words_ = commands.add_parser("words", help="write the catalogue of every text for translators")
    words_.add_argument("--check", action="store_true", help="only say whether it is current")
    words_.set_defaults(run=words, database=False)
    decide_ = commands.add_parser("decide", help="begin a decision record")
    decide_.add_argument("title")
    decide_.set_defaults(run=decide, database=False)
    night_ = commands.add_parser("night", help="the long checks: many random cases, hundreds of kills")
    night_.set_defaults(run=night, database=False)
    # Written by the room that knows the pages; until it is there the other commands still work.
    if importlib.util.find_spec("carewright.cli.screenshots"):
        importlib.import_module("carewright.cli.screenshots").add(commands)


def check(args: argparse.Namespace) -> int:
    """Run every check, say what each found, and how long it took."""
    failed = []
    for name, command in CHECKS:
        started = time.monotonic()
        done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
        verdict = "ok" if done.returncode == 0 else "NOT OK"
        print(f"  {name}: {verdict} ({time.monotonic() - started:.1f} s)", file=sys.stderr)
        if done.returncode:
            failed.append(name)
            print((done.stdout + done.stderr).strip()[-6000:], file=sys.stderr)
    if failed:
        raise CannotDo(f"Not in order: {', '.join(failed)}.")
    return 0


def fix(args: argparse.Namespace) -> int:
    """Let ruff tidy what it can."""
    for command in (["check", "--fix"], ["format"]):
        subprocess.run([sys.executable, "-m", "ruff", *command, "src", "tests", "manage.py"], cwd=ROOT, check=False)
    return 0


def docs(args: argparse.Namespace) -> str:
    """Write the generated pages, or, with --check, refuse when one is not what the code says."""
    from carewright.cli.dev import pages

    stale = []
    wanted = pages.render()
    for path, text in wanted.items():
        file = ROOT / "docs" / path
        if file.exists() and file.read_text(encoding="utf-8") == text:
            continue
        stale.append(path)
        if not args.check:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    if args.check and stale:
        raise CannotDo(f"{len(stale)} generated pages are stale, first docs/{stale[0]}. Run ./carewright dev docs.")
    return f"{len(wanted)} pages, {len(stale)} {'stale' if args.check else 'written'}."


def words(args: argparse.Namespace) -> str:
    """Write the catalogue a translator is given, or, with --check, refuse when it is not what the code says."""
    from carewright.cli.dev import catalogue

    text = catalogue.written()
    if not catalogue.FILE.exists() or catalogue.FILE.read_text(encoding="utf-8") != text:
        if args.check:
            raise CannotDo("The catalogue for translators is stale. Run ./carewright dev words.")
        catalogue.FILE.parent.mkdir(exist_ok=True)
        catalogue.FILE.write_text(text, encoding="utf-8")
    return f"{text.count('msgid ') - 1} texts in {catalogue.FILE.relative_to(ROOT)}."


def decide(args: argparse.Namespace) -> str:
    """A new decision record with its five headings."""
    folder = ROOT / "docs" / "decisions"
    folder.mkdir(parents=True, exist_ok=True)
    number = 1 + max((int(file.name[:4]) for file in folder.glob("[0-9]*.md")), default=0)
    words = "".join(c if c.isalnum() else " " for c in args.title.lower()).split()
    file = folder / f"{number:04d}-{'-'.join(words)}.md"
    heads = "\n\n".join(f"## {head}" for head in ("Context", "Decision", "Consequences", "How we are held to it"))
    file.write_text(f"# {number}. {args.title}\n\n{date.today():%Y-%m-%d} · Proposed\n\n{heads}\n")  # noqa: DTZ011
    return str(file.relative_to(ROOT))


def night(args: argparse.Namespace) -> int:
    """Everything ./test does, with many more random cases and hundreds of kills. Takes hours."""
    environment = os.environ | {"HYPOTHESIS_PROFILE": "night", "CAREWRIGHT_KILLS": "500"}
    return subprocess.run([str(ROOT / "test")], cwd=ROOT, env=environment, check=False).returncode
