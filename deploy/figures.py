# ruff: noqa: INP001 - deploy is not a package: a distribution of that name exists
"""Measures the source of a checkout, so that two states of it can be set side by side.

  python3 deploy/figures.py CHECKOUT [--json]

Read are the Python files of the packages that go into the wheel; nothing is imported. Migrations
are counted where that is said and nowhere else: they are written once and never changed. A file's
lines are all its lines, a function's are those from `def` to its end less its docstring's.
"""

import argparse
import ast
import json
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from statistics import median, quantiles

PACKAGES = ("connectors", "consent", "schemas", "services")
# Benches and what else is run from a checkout only; beside the wheel, so beside the totals too.
_BESIDE = "deploy"
_NAMED = "article_9"
_SHORT, _LONG, _LONG_FUNCTION = 40, 400, 40
_MOST_IMPORTS = 12
_SHARED = 0.75
# An id and a time are in everything: dataclasses of fewer fields are left out. The second way asks
# less, and finds a small one within a large one.
_FEWEST_OF_LARGER, _FEWEST_OF_SMALLER = 4, 3
_WIDEST_SHOWN = 5

Figures = dict[str, object]


@dataclass(frozen=True)
class Source:
    """One Python file: where it lies in the checkout, and what is in it."""

    path: Path
    text: str

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return len(self.text.splitlines())

    @property
    def package(self) -> str:
        """The folder at the top of the checkout."""
        return self.path.parts[0]

    @property
    def is_migration(self) -> bool:
        """Whether it changes the database and is never changed itself."""
        return "migrations" in self.path.parts

    @cached_property
    def tree(self) -> ast.Module:
        """What Python reads in it."""
        return ast.parse(self.text)

    def classes(self) -> Iterator[ast.ClassDef]:
        """Every class, inner ones too."""
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef))


def main(argv: Sequence[str]) -> int:
    """Measure and print; the exit code is 0, or 2 for a folder that is no checkout."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    args = parser.parse_args(argv)
    sources = list(read_sources(args.checkout, PACKAGES))
    if not sources:
        sys.stderr.write(f"figures: {args.checkout} has none of {', '.join(PACKAGES)}\n")
        return 2
    found = figures(sources, beside=list(read_sources(args.checkout, [_BESIDE])))
    found["entries in services/"] = entries_of(args.checkout / "services")
    if args.json:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
    else:
        sys.stdout.writelines(f"{name:<58} {_in_words(value)}\n" for name, value in found.items())
    return 0


def read_sources(checkout: Path, folders: Iterable[str]) -> Iterator[Source]:
    """Read the Python files below the folders of a checkout; virtual environments are not ours."""
    for folder in folders:
        for path in sorted((checkout / folder).rglob("*.py")):
            if "site-packages" not in path.parts:
                yield Source(path.relative_to(checkout), path.read_text(encoding="utf-8"))


def entries_of(folder: Path) -> int:
    """Count the modules and folders that somebody sees who opens a folder of code."""
    seen = [p for p in folder.iterdir() if p.name not in {"__pycache__", "__init__.py"}]
    return len(seen)


def figures(everything: Sequence[Source], *, beside: Sequence[Source]) -> Figures:
    """Give every figure by its name."""
    sources = [source for source in everything if not source.is_migration]
    filled = sorted(source.lines for source in sources if source.lines)
    found: Figures = {}
    for package in PACKAGES:
        found[f"{package}: files, lines"] = _size(s for s in sources if s.package == package)
    found["all four, without migrations: files, lines"] = _size(sources)
    found["all four, with migrations: files, lines"] = _size(everything)
    found["beside the wheel, in deploy/: files, lines"] = _size(beside)
    found["lines of a file that is not empty: median"] = round(median(filled))
    found["lines of a file that is not empty: 90th percentile"] = round(quantiles(filled, n=10)[-1])
    found["lines of a file: most"] = filled[-1]
    found["widest folders: modules besides __init__"] = widest(sources)
    return found | _of_files(sources) | _of_definitions(sources)


def _of_files(sources: Sequence[Source]) -> Figures:
    imports = {str(source.path): len(imported_of_ours(source)) for source in sources}
    return {
        f"files of fewer than {_SHORT} lines, __init__ apart": sum(
            source.lines < _SHORT and source.path.name != "__init__.py" for source in sources
        ),
        f"files of more than {_LONG} lines": sum(source.lines > _LONG for source in sources),
        f"files with more than {_MOST_IMPORTS} imports of ours": sum(
            count > _MOST_IMPORTS for count in imports.values()
        ),
        f"files that name {_NAMED}": sum(_NAMED in source.text for source in sources),
    }


def _of_definitions(sources: Sequence[Source]) -> Figures:
    classes = [(source, node) for source in sources for node in source.classes()]
    dataclasses = [node for _, node in classes if is_dataclass(node)]
    fields = [fields_of(node) for node in dataclasses]
    alike = list(pairs_that_share(fields, fewest=_FEWEST_OF_LARGER, of=max))
    within = list(pairs_that_share(fields, fewest=_FEWEST_OF_SMALLER, of=min))
    lengths = [length for source in sources for length in function_lengths(source)]
    names = Counter(node.name for _, node in classes)
    twice = sorted(name for name, times in names.items() if times > 1)
    return {
        "functions": len(lengths),
        f"functions of more than {_LONG_FUNCTION} lines": sum(n > _LONG_FUNCTION for n in lengths),
        "classes": len(classes),
        "class names that stand more than once": len(twice),
        "of those without _ at their beginning": len([n for n in twice if n[0] != "_"]),
        "Protocols": sum(is_protocol(node) for _, node in classes),
        "dataclasses": len(dataclasses),
        f"pairs of them that share {_SHARED:.0%} of the larger's fields": len(alike),
        f"pairs of them that share {_SHARED:.0%} of the smaller's fields": len(within),
    }


def widest(sources: Iterable[Source]) -> Mapping[str, int]:
    """Give the folders with the most modules, and how many each has."""
    folders = Counter(str(s.path.parent) for s in sources if s.path.name != "__init__.py")
    return dict(folders.most_common(_WIDEST_SHOWN))


def imported_of_ours(source: Source) -> Collection[str]:
    """Give the modules of the four packages that a file imports, each once."""
    modules: set[str] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None and not node.level:
            modules.add(node.module)
    return {module for module in modules if module.partition(".")[0] in PACKAGES}


def is_protocol(node: ast.ClassDef) -> bool:
    """Whether a class says itself that it is a port."""
    return any(_name_of(base) == "Protocol" for base in node.bases)


def is_dataclass(node: ast.ClassDef) -> bool:
    """Whether a class is made one by its decorator."""
    return any(_name_of(decorator) == "dataclass" for decorator in node.decorator_list)


def fields_of(node: ast.ClassDef) -> frozenset[str]:
    """Give the fields that a dataclass states itself; inherited ones are counted where they are."""
    return frozenset(
        statement.target.id
        for statement in node.body
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and _name_of(statement.annotation) != "ClassVar"
    )


def pairs_that_share(
    fields: Iterable[frozenset[str]], *, fewest: int, of: Callable[[int, int], int]
) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """Give the pairs that have three quarters of the fields of one of them in common.

    `of` says of which, the larger (max) or the smaller (min); those with fewer fields than
    `fewest` are left out.
    """
    for one, other in combinations([f for f in fields if len(f) >= fewest], 2):
        if len(one & other) >= _SHARED * of(len(one), len(other)):
            yield one, other


def function_lengths(source: Source) -> Iterator[int]:
    """Give the lines of each function, methods too, without docstrings."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            told = ast.get_docstring(node, clean=False)
            docstring = 0 if told is None else len(told.splitlines())
            yield (node.end_lineno or node.lineno) - node.lineno + 1 - docstring


def _name_of(node: ast.expr) -> str:
    """Give the last name of `a.b`, `b[...]` or `b(...)`: in each case b."""
    if isinstance(node, ast.Subscript):
        return _name_of(node.value)
    if isinstance(node, ast.Call):
        return _name_of(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _size(sources: Iterable[Source]) -> tuple[int, int]:
    lines = [source.lines for source in sources]
    return len(lines), sum(lines)


def _in_words(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(f"{number:,}" for number in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {number}" for name, number in value.items())
    return f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
