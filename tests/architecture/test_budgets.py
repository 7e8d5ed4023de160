"""A file is one idea, a function reads at one level, a folder is one room (STYLE.md 23)."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.checkout import OUR_PACKAGES, ROOT, our_modules, tracked_files

_SHORTEST, _LONGEST = 40, 400
_FUNCTION_LINES = 40
_IN_A_FOLDER = 15
# The house itself: one room for each capability, and the door.
_MORE_IN_A_FOLDER = {"services": 16}
_ROOMS, _MODULES = 12, 20

# What is outside 40 to 400 lines, and why it is a file of its own all the same.
_OF_ANOTHER_LENGTH = {
    "connectors/parsing/peek.py": "shared by readers that know nothing else of one another",
    "consent/ledger/log.py": "the log's own words, read beside the RFC",
    "consent/ledger/sign_in_fields.py": "fields of one subject's events, as its neighbours have",
    "schemas/errors.py": "the root of every error about input",
    "schemas/topics.py": "the topics, which the published document lists",
    "schemas/unchanging.py": "how records and views are made, below everything that is one",
    "services/__main__.py": "the door; what is behind it the supervisor calls too",
    "services/cli/officers.py": "shared by the commands of officers that know nothing of another",
    "services/portal/frame/errors.py": "errors, which every room keeps apart",
}
# What draws on more rooms than twelve, or on more modules than twenty, and why.
_JOINS_MUCH = {
    "connectors/health_visiting/mapper.py": "every kind of event to its own mapper, in one table",
    "services/workers/files/watched_folder.py": "from the folder to durable, step by step",
    "services/workers/mailbox.py": "from the mailbox to durable, step by step",
    "services/cli/lifecycle/restore.py": "a restore, step by step, through all that it proves",
    "services/cli/decisions/commands.py": "a decision's every verb and option in one help page",
    "services/decisions/at_the_desk.py": "asks of every room whether a practitioner may, once",
    "services/bootstrap.py": "everything is built here once",
    "services/cli/demonstration.py": "fills every room with invented families",
    "services/interfaces/subject_access/postgres.py": "gathers all that is held of a person",
    "services/interfaces/servers.py": "what a port serves, from every room, behind its doors",
    "services/portal/ports.py": "what pages may ask, of every room",
    "services/portal/app.py": "puts the pages of every room together",
    "services/portal/front/parts.py": "the parts of that transaction, one line each",
    "services/portal/services.py": "one transaction behind every page",
    "services/work/postgres_ahead.py": "reads ahead what every room asks of a family",
    "services/profile/reading.py": "puts every section of a family together",
    "services/profile/families/listing.py": "finds families by whatever says who they are",
    "services/cli/profile/stories.py": "a story's every verb and option in one help page",
    "services/work/transaction.py": "one transaction with every port in it",
    "services/work/using.py": "what each use case works with",
}


def test_no_file_is_longer_or_shorter_than_one_idea() -> None:
    """Exceptions are listed with their reason, and only as long as they are some."""
    found = {
        name
        for name, path in _named()
        if path.name != "__init__.py" and not _SHORTEST <= _lines(path) <= _LONGEST
    }

    assert found == set(_OF_ANOTHER_LENGTH)


def test_no_function_is_longer_than_a_screen() -> None:
    """Counted without its docstring."""
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in our_modules()
        for node in _functions(path)
        if (node.end_lineno or 0) - node.lineno + 1 > _FUNCTION_LINES + _docstring_lines(node)
    ]

    assert not long


def test_no_folder_holds_more_than_can_be_looked_over() -> None:
    """Modules and folders together; migrations are a list that only grows."""
    full = {
        str(folder.relative_to(ROOT)): len(entries)
        for folder in _folders()
        if len(entries := [*folder.glob("*.py"), *_folders_in(folder)])
        > _MORE_IN_A_FOLDER.get(str(folder.relative_to(ROOT)), _IN_A_FOLDER)
    }

    assert not full


def test_no_file_joins_more_than_it_can_explain() -> None:
    """Whoever draws on a dozen rooms is a second bootstrap."""
    found = {
        name
        for name, path in _named()
        if len(imports := _imports_of_ours(path)) > _MODULES
        or len({_room_of(module) for module in imports}) > _ROOMS
    }

    assert found == set(_JOINS_MUCH)


def test_no_bench_is_longer_than_one_idea() -> None:
    """What is beside the wheel is read by the same people."""
    files = [p for p in tracked_files() if p.suffix == ".py" and ROOT / "deploy" in p.parents]

    assert not {str(p.relative_to(ROOT)): n for p in files if (n := _lines(p)) > _LONGEST}


def _named() -> Iterator[tuple[str, Path]]:
    for path in our_modules():
        if "migrations" not in path.parts:
            yield str(path.relative_to(ROOT)), path


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def _folders() -> Iterator[Path]:
    for name in OUR_PACKAGES:
        yield from (path.parent for path in sorted((ROOT / name).rglob("__init__.py")))


def _folders_in(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.is_dir() and path.name != "__pycache__")


def _imports_of_ours(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text()))
    modules = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {module for module in modules if module.partition(".")[0] in OUR_PACKAGES}


def _room_of(module: str) -> str:
    """The folder that a module lies in, or the package that it is."""
    folder = ROOT.joinpath(*module.split("."))
    return module if folder.is_dir() else module.rpartition(".")[0]


def _functions(path: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(path.read_text())
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def _docstring_lines(node: ast.FunctionDef) -> int:
    text = ast.get_docstring(node, clean=False)
    return 0 if text is None else len(text.splitlines())
