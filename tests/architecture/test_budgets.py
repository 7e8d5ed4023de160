"""A file is one idea and a function reads at one level (STYLE.md 23)."""

import ast
from pathlib import Path

from tests.support.checkout import ROOT, our_modules

_FILE_LINES = 250
_FUNCTION_LINES = 40
_LONG_FOR_A_REASON: dict[str, str] = {}


def test_no_file_is_longer_than_one_idea() -> None:
    """Exceptions are listed with their reason."""
    long = {
        str(path.relative_to(ROOT)): lines
        for path in our_modules()
        if (lines := len(path.read_text().splitlines())) > _FILE_LINES
    }

    assert not {name: n for name, n in long.items() if name not in _LONG_FOR_A_REASON}


def test_no_exception_is_listed_for_nothing() -> None:
    """A file that has become short again leaves the list."""
    short = [
        name
        for name in _LONG_FOR_A_REASON
        if len((ROOT / name).read_text().splitlines()) <= _FILE_LINES
    ]

    assert not short


def test_no_function_is_longer_than_a_screen() -> None:
    """Counted with its docstring."""
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in our_modules()
        for node in _functions(path)
        if (node.end_lineno or 0) - node.lineno + 1 > _FUNCTION_LINES + _docstring_lines(node)
    ]

    assert not long


def _functions(path: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(path.read_text())
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def _docstring_lines(node: ast.FunctionDef) -> int:
    text = ast.get_docstring(node, clean=False)
    return 0 if text is None else len(text.splitlines())
