"""Every sentence Python says on a page is one a translator gets: whole, with named places for what is filled in."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from carewright.kernel.errors import CannotDo

ROOT = Path(__file__).resolve().parents[2] / "src" / "carewright"
ROOMS = (
    "access", "assessment", "audit", "careplan", "channel", "chart", "contacts", "enrollment", "exchange", "population",
    "registry", "staff", "tasks", "web",
)  # fmt: skip
ONLY_FOR_A_TERMINAL = {
    "audit/actions.py:verify": "the chain of the log is checked by a command",
    "staff/roles.py:all_known": "read while the settings are read, before there is a language",
    "web/gallery.py": "shown to developers only",
}
"""What no page shows, and why."""
GETTEXT = frozenset({"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "_l"})
SHOWN = frozenset({"success", "info", "warning", "error"})
LABELS = frozenset({"violation_error_message", "help_text", "label"})
FILES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    """A file as Python reads it, read once."""
    return ast.parse(path.read_text())


@cache
def refusing() -> frozenset[str]:
    """Every error whose sentence is shown as it is written, by its name: a refusal of any kind, and what a form refuses."""
    known = {CannotDo.__name__}
    classes = [
        (node.name, {called(one) for one in node.bases})
        for path in [ROOT / "kernel" / "errors.py", *FILES] for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
    ]  # fmt: skip
    while more := {name for name, bases in classes if bases & known} - known:
        known |= more
    return frozenset(known | {"ValidationError"})


def called(node: ast.AST) -> str:
    """The last part of the name of what is called."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def said(call: ast.Call, refusals: frozenset[str]) -> Iterator[ast.AST]:
    """What a call says to a person, if it says something."""
    name = called(call.func)
    if name in refusals:
        yield from call.args[:1]
    is_message = isinstance(call.func, ast.Attribute) and called(call.func.value) == "messages" and name in SHOWN
    if is_message or name == "add_error":
        yield from call.args[1:2]
    yield from (
        word.value for word in call.keywords
        if word.arg == "violation_error_message" or (word.arg in LABELS and name.endswith("Field") and is_form(call))
    )  # fmt: skip


def is_form(call: ast.Call) -> bool:
    """Whether a field belongs to a form; what a column of a table is called is for developers."""
    return isinstance(call.func, ast.Attribute) and called(call.func.value) == "forms"


def given(name: str, inside: ast.AST) -> Iterator[ast.AST]:
    """What a name stands for in a function: everything put under it there."""
    for node in ast.walk(inside):
        if isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == name for one in node.targets):
            yield node.value
        if isinstance(node, ast.NamedExpr) and node.target.id == name:
            yield node.value


def untranslated(node: ast.AST, inside: ast.AST, depth: int = 0) -> Iterator[ast.AST]:
    """
    The pieces of something said that no translator gets: bare words, and words with values let into them.

    What another function answers and what somebody typed are as they are; what a name stands for is looked up.
    """
    match node:
        case ast.Constant(value=str(words)) if words.strip():
            yield node
        case ast.JoinedStr():
            yield node
        case ast.BinOp(left=left, op=ast.Mod()):
            yield from untranslated(left, inside, depth)
        case ast.BinOp(left=left, right=right):
            yield from untranslated(left, inside, depth)
            yield from untranslated(right, inside, depth)
        case ast.IfExp(body=one, orelse=other):
            yield from untranslated(one, inside, depth)
            yield from untranslated(other, inside, depth)
        case ast.BoolOp(values=several) | ast.Dict(values=several) | ast.List(elts=several):
            for one in several:
                yield from untranslated(one, inside, depth)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()), attr="format")):
            yield node
        case ast.Name(id=name) if depth < 2:
            for value in given(name, inside):
                yield from untranslated(value, inside, depth + 1)


def functions(module: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Each call of a module with the innermost function around it."""
    around: dict[ast.AST, tuple[str, ast.AST]] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            around |= dict.fromkeys(ast.walk(node), (node.name, node))
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            yield node, *around.get(node, ("", module))


def bare(path: Path, refusals: frozenset[str]) -> list[str]:
    """Where a file says something in bare words."""
    name = path.relative_to(ROOT).as_posix()
    found = []
    for call, function, inside in functions(tree(path)):
        if name in ONLY_FOR_A_TERMINAL or f"{name}:{function}" in ONLY_FOR_A_TERMINAL:
            continue
        for words in said(call, refusals):
            found += [f"{name}:{one.lineno} {ast.unparse(one)}" for one in untranslated(words, inside)]
    return found


def labels(path: Path) -> list[str]:
    """Where a choice of a table is named in bare words."""
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ClassDef) and {called(one) for one in node.bases} & {"TextChoices", "IntegerChoices"}:
            for line in node.body:
                if isinstance(line, ast.Assign) and not (
                    isinstance(line.value, ast.Tuple)
                    and isinstance(line.value.elts[-1], ast.Call)
                    and called(line.value.elts[-1].func) in GETTEXT
                ):
                    found.append(f"{path.relative_to(ROOT)}:{line.lineno} {ast.unparse(line)}")
    return found


def test_what_python_says_on_a_page_is_given_to_the_translator():
    refusals = refusing()
    assert len(FILES) > 200 and {"CannotDo", "NotNow", "NotPermitted", "RunAtWork", "ValidationError"} <= refusals
    found = [line for path in FILES for line in bare(path, refusals)]
    assert not found, (
        "Say it with gettext, values by name: _('… %(day)s …') % {'day': …}; a date with date_format:\n"
        + "\n".join(found)
    )


def test_every_choice_is_named_for_the_translator():
    found = [line for path in FILES for line in labels(path)]
    assert not found, "Name it with gettext_lazy: READY = 'ready', _('Ready')\n" + "\n".join(found)


@pytest.mark.parametrize(
    "line",
    [
        "raise NotNow('This is over already.')",
        "raise CannotDo(f'{name} leads them already.', at='lead')",
        "raise NotNow('It ended on %s.' % day)",
        "raise NotNow('It ended on {}.'.format(day))",
        "raise NotNow(_('It ended.') + ' Ask again.')",
        "raise CannotDo(why or 'Say why.')",
        "raise ValidationError({'columns': f'No such column: {name}.'})",
        "messages.error(request, 'Nobody was chosen.')",
        "form.add_error('value', 'Too late.' if late else _('Too early.'))",
        "words = f'{name} left.'\n    raise NotNow(words)",
        "forms.CharField(label='Why')",
    ],
)
def test_bare_words_are_found(line, tmp_path, monkeypatch):
    written = tmp_path / "actions.py"
    written.write_text(f"def act():\n    {line}\n")
    refusals = refusing()
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    assert len(bare(written, refusals)) == 1
