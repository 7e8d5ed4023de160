"""Nothing of ours is made to run, to match or to ask by text that came in (ASVS 1.2, 1.3)."""

import ast
import re
from collections.abc import Callable, Iterator

import pytest

from tests.support.checkout import ROOT, our_modules

_Finds = Callable[[str, ast.Module], Iterator[int]]
_MIGRATIONS = "services/platform/database/migrations/versions/"
_SOURCES = {
    name: path.read_text()
    for path in our_modules()
    if not (name := str(path.relative_to(ROOT))).startswith(_MIGRATIONS)  # done before anybody asks
}
_BUILTINS = {"eval", "exec", "compile", "__import__"}
# By the last word of what is called, whatever it is called by.
_NEVER = {"system", "popen", "getoutput", "getstatusoutput", "create_subprocess_shell"}
_NEVER |= {"from_string", "format_map", "literal_eval"}
_NEVER_IMPORTED = {"pickle", "marshal", "shelve", "dill", "joblib", "code", "codeop", "yaml"}
# What a module says that has any of each, so that the rest need not be parsed.
_IMPORTED = "|".join(sorted(_NEVER_IMPORTED))
_RUNS = (
    rf"(?<![.\w])(?:{'|'.join(sorted(_BUILTINS))})\(|\.(?:{'|'.join(sorted(_NEVER))})\("
    rf"|from (?:{_IMPORTED}) import|import (?:{_IMPORTED})\b"
)
_ASKS = r"import (?:subprocess|os)\b|\bshell="
_PATTERNS = r"\bre\.(?!escape\b)\w+\((?!\s*(?:[rb]{0,2}\"|_?[A-Z_]+[,)]))"
_DRIVERS = r"\b(?:text|execute|exec_driver_sql|SQL)\((?!\s*(?:\"|_?[A-Z_]+[,)]))"
_SPEAKS = re.compile(r"\b(?:from|import) (?:sqlalchemy|psycopg|services\.platform\.database)")
_GAPS = r"\.format\("
_NAMES_TAKEN = {"services/platform/processes/templates.py": {"UnpicklingError"}}
_STARTS = {"run", "Popen", "call", "check_call", "check_output", "execvp", "execv", "execve"}
_STARTED_BY = ("subprocess", "os")
_STATEMENTS = {"text", "exec_driver_sql", "execute", "SQL", "literal_column"}

# What is put into a statement there is no value that came in, and this is what it is.
_PUT_TOGETHER = {
    "services/audit/exports/postgres_entries.py": "conditions of a list, by what is chosen",
    "services/audit/integrity/postgres_proving.py": "tables of the list of what is bound",
    "services/interfaces/directory/search/postgres.py": "conditions of a list, by name",
    "services/interfaces/directory/search/postgres_filters.py": "conditions of a list, by name",
    "services/ledger/postgres_bound.py": "tables of the list of what is bound",
    "services/ledger/postgres_bound_verifying.py": "tables of the list of what is bound",
    "services/lifecycle/erasure/postgres.py": "tables and columns of the list of what is erased",
    "services/lifecycle/erasure/postgres_unpublished.py": "one of two tables",
    "services/platform/database/doorbell.py": "a bell, which is one of an enum",
    "services/platform/keys/postgres.py": "a number of a version, an int",
    "services/work/postgres_ahead.py": "a statement of another module, passed on",
    "services/work/postgres_page.py": "a statement of another module, passed on",
}
# Sentences of the catalogues of languages, which are ours, and pieces of pictures.
_SENTENCES = {
    "services/interfaces/family_door/languages/speaking.py",
    "services/portal/decisions/receipts/languages.py",
    "services/portal/family/pictures/homes.py",
}
# A pattern of the table of kinds of fields, by the kind.
_KINDS = {
    "consent/ledger/__init__.py",
    "services/audit/exports/shapes.py",
    "services/cli/profile/stories.py",
}


def test_nothing_is_run_that_came_as_text():
    """No code, no object and no template is made of what is read (1.3.2, 1.3.7)."""
    assert _found(_runs_text, _RUNS) == []


def test_no_shell_is_asked_and_words_go_one_by_one():
    """A program is started with a list of words (1.2.5)."""
    assert _found(_asks_a_shell, _ASKS) == []


def test_patterns_are_our_own_or_escaped():
    """What is typed is looked for by no pattern that it writes (1.2.9)."""
    assert {place.partition(":")[0] for place in _found(_matches_text, _PATTERNS)} == _KINDS


def test_statements_are_our_own_and_values_go_beside_them():
    """Where one is put together it is of our own words, as the list says (1.2.4)."""
    found = {place.partition(":")[0] for place in _found(_asks_by_text, _DRIVERS)}

    assert found == set(_PUT_TOGETHER)


def test_sentences_with_gaps_are_our_own():
    """What came in fills a gap and is never the sentence (1.3.10)."""
    assert {place.partition(":")[0] for place in _found(_fills_text, _GAPS)} == _SENTENCES


@pytest.mark.parametrize(
    ("finds", "bad"),
    [
        ("_runs_text", "eval(x)"),
        ("_runs_text", "from pickle import loads"),
        ("_runs_text", "environment.from_string(x)"),
        ("_asks_a_shell", "import os\nos.system(x)"),
        ("_asks_a_shell", "subprocess.run(x, shell=True)"),
        ("_asks_a_shell", "subprocess.run(f'ls {x}')"),
        ("_matches_text", "def f(x):\n    re.compile(x)"),
        ("_asks_by_text", "def f(x):\n    text(f'SELECT {x}')"),
        ("_asks_by_text", "def f(x):\n    connection.execute('SELECT ' + x)"),
        ("_fills_text", "def f(x):\n    x.format(1)"),
    ],
)
def test_each_is_seen(finds: str, bad: str):
    """Else the walks above would say nothing."""
    assert list(globals()[finds]("bad.py", ast.parse(bad)))


def _found(finds: _Finds, said: str) -> list[str]:
    """Where it is found, in modules that say so much that it may be there."""
    may = re.compile(said)
    return [
        f"{name}:{line}"
        for name, source in _SOURCES.items()
        if may.search(source)
        for line in finds(name, ast.parse(source))
    ]


def _runs_text(name: str, tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=called)) if called in _BUILTINS:
                yield node.lineno
            case ast.Call(func=ast.Attribute(attr=called)) if called in _NEVER:
                yield node.lineno
            case ast.Import(names=names) if {n.name for n in names} & _NEVER_IMPORTED:
                yield node.lineno
            case ast.ImportFrom(module=str(module), names=names) if module in _NEVER_IMPORTED:
                if not {n.name for n in names} <= _NAMES_TAKEN.get(name, set()):
                    yield node.lineno


def _asks_a_shell(_: str, tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(keywords=words) if any(word.arg == "shell" for word in words):
                yield node.lineno
            case ast.Call(func=ast.Attribute(attr="system" | "popen")):
                yield node.lineno
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=by), attr=called),
                args=[ast.JoinedStr() | ast.Constant(value=str()) | ast.BinOp(), *rest],
            ) if by in _STARTED_BY and called in _STARTS and not rest:
                yield node.lineno


def _matches_text(_: str, tree: ast.Module) -> Iterator[int]:
    for node in _of_functions(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="re"), attr=called), args=[what, *_]
            ):
                if called != "escape" and not _is_ours(what):
                    yield node.lineno


def _asks_by_text(name: str, tree: ast.Module) -> Iterator[int]:
    if not _SPEAKS.search(_SOURCES.get(name, "import psycopg")):
        return
    for node in _of_functions(tree):
        match node:
            case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called), args=[what, *_]):
                is_built = isinstance(what, ast.JoinedStr | ast.BinOp)
                is_asked = called in _STATEMENTS and (is_built or called != "execute")
                is_statement = called != "SQL" or not isinstance(what, ast.Name)
                if is_asked and is_statement and not _is_ours(what):
                    yield node.lineno


def _fills_text(_: str, tree: ast.Module) -> Iterator[int]:
    for node in _of_functions(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=sentence, attr="format")):
                if not _is_ours(sentence):
                    yield node.lineno


def _of_functions(tree: ast.Module) -> Iterator[ast.AST]:
    """What is in functions: what a module is made of while it is imported has seen nobody yet."""
    seen: set[int] = set()
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for node in ast.walk(function):
                if id(node) not in seen:
                    seen.add(id(node))
                    yield node


def _is_ours(node: ast.expr) -> bool:
    """Made of constants: written there, or named in capitals."""
    parts: list[ast.expr]
    match node:
        case ast.Constant():
            parts = []
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.lstrip("_").isupper()
        case (
            ast.Subscript(value=inner)
            | ast.Call(func=ast.Name(id="Markup") | ast.Attribute(attr="SQL"), args=[inner])
        ):
            parts = [inner]
        case ast.JoinedStr(values=values):
            parts = [v.value for v in values if isinstance(v, ast.FormattedValue)]
        case ast.BinOp(left=left, right=right):
            parts = [left, right]
        case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr="escape")):
            parts = []
        case ast.Call(func=ast.Attribute(value=inner, attr="format"), args=args, keywords=words):
            parts = [inner, *args, *(word.value for word in words)]
        case _:
            return False
    return all(map(_is_ours, parts))
