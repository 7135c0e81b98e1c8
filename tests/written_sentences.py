"""
What Python code can write about something that does not read: gathered from the code itself.

Every call that makes such a problem is looked up, and each of its parts is followed to the words it may hold; so is what
is told of a file one text after the other. A value that comes from outside stands as the number 7.
"""

import ast
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from carewright import kernel

SOURCE = Path(kernel.__file__).parents[2]
OUTSIDE = "7"
PARTS = {
    "BadInput": ("where", "found", "expected", "mend"),
    "WholeFile": ("where", "found", "expected", "mend"),
    "refused": ("where", "found", "expected", "mend"),
    "Unreadable": ("", "found", "expected", "mend"),
    "needed": ("", "", "expected"),
    "Check": ("", "what", "expected", "mend"),
    "remark": ("what", "expected", "mend"),
    "NoBundle": ("why",),
}
"""What is called to say that something does not read, and which part each argument is; parts without name are no words."""


@dataclass(frozen=True)
class Written:
    """One text the code can write, the part of a problem it is, and where it stands."""

    part: str
    text: str
    place: str


def written(*rooms: str) -> set[Written]:
    """Everything that the files below these folders of the package, or these files, can write."""
    found: set[Written] = set()
    for room in rooms:
        path = SOURCE / "carewright" / room
        for file in [path] if path.suffix else sorted(path.rglob("*.py")):
            found |= set(_of_file(file))
    return found


def _of_file(path: Path) -> Iterator[Written]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    module = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for function in functions:
        is_told = function.name == "_notes"
        for node in (node for node in ast.walk(function) if isinstance(node, ast.Yield) and is_told):
            for text in _words(node.value or ast.Constant(None), [function], importlib.import_module(module)):
                yield Written("note", text, f"{path.name}:{node.lineno}")
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        parts = PARTS.get(_called(call.func), ())
        around = [one for one in functions if one.lineno <= call.lineno <= (one.end_lineno or 0)]
        given = dict(zip(parts, call.args, strict=False)) | {each.arg or "": each.value for each in call.keywords}
        for part in set(parts) & set(given) - {""}:
            for text in _words(given[part], around, importlib.import_module(module)):
                yield Written(part, text, f"{path.name}:{call.lineno}")


def _called(func: ast.expr) -> str:
    if isinstance(func, ast.IfExp):
        return _called(func.body)
    return func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""


def _words(node: ast.expr, around: list[ast.FunctionDef], module) -> set[str]:
    """The texts an expression may be; none for what comes from outside."""
    match node:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.JoinedStr(values=pieces):
            each = [_words(piece, around, module) or {OUTSIDE} for piece in pieces]
            return {"".join(one) for one in product(*each)}
        case ast.FormattedValue(value=value):
            return _words(value, around, module)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return {"".join(one) for one in product(_words(left, around, module), _words(right, around, module))}
        case ast.IfExp(body=one, orelse=other):
            return _words(one, around, module) | _words(other, around, module)
        case ast.BoolOp(values=values):
            return set().union(*(_words(value, around, module) for value in values))
        case ast.Subscript(value=value, slice=ast.Slice()):
            return _words(value, around, module)
        case ast.Subscript(value=value) | ast.Call(func=ast.Attribute(value=value, attr="get"), args=[_]):
            return _words_of_dict(value, around, module)
        case ast.Call(func=ast.Attribute(value=value, attr="get"), args=[_, other]):
            return _words_of_dict(value, around, module) | _words(other, around, module)
        case ast.Name(id=name):
            return _words_of_name(name, around, module)
    return set()


def _words_of_name(name: str, around: list[ast.FunctionDef], module) -> set[str]:
    """What a name may hold: what its function puts into it, else what the file says once for all."""
    found: set[str] = set()
    for node in (node for function in around for node in ast.walk(function)):
        pairs: list[tuple[ast.expr, ast.expr]] = []
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, ast.For) and isinstance(node.iter, ast.Tuple):
            pairs = [(node.target, each) for each in node.iter.elts]
        for target, value in pairs:
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                found |= set().union(
                    *(_words(v, around, module) for t, v in zip(target.elts, value.elts, strict=True) if _is(t, name))
                )
            elif _is(target, name):
                found |= _words(value, around, module)
    known = getattr(module, name, None)
    return found or ({known} if isinstance(known, str) else set())


def _is(target: ast.expr, name: str) -> bool:
    return isinstance(target, ast.Name) and target.id == name


def _words_of_dict(node: ast.expr, around: list[ast.FunctionDef], module) -> set[str]:
    if not isinstance(node, ast.Name):
        return set()
    for inside in (inside for function in around for inside in ast.walk(function)):
        if isinstance(inside, ast.Assign) and _is(inside.targets[0], node.id) and isinstance(inside.value, ast.Dict):
            return set().union(*(_words(value, around, module) for value in inside.value.values))
    known = getattr(module, node.id, None)
    return {text for text in known.values() if isinstance(text, str)} if isinstance(known, dict) else set()
