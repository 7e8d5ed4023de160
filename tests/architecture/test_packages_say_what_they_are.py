"""A package of some size says what comes in, what goes out and where its rule is (STYLE.md 23)."""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.support.checkout import OUR_PACKAGES, ROOT

_PACKAGE_LINES = 300
_DOCSTRING_LINES = 10
_FOLDERS = (*OUR_PACKAGES, "deploy/bench")
_QUOTED = re.compile(r"`([\w.]+\.\w+)`")
_OURS_IN_PROSE = re.compile(rf"\b(?:{'|'.join(OUR_PACKAGES)})(?:\.\w+)+")
_ADVICE = (
    "{package} has {lines} lines: its __init__.py says in at most ten what comes in, what goes "
    "out and in which module.function its rule is"
)


def test_every_package_of_some_size_says_what_it_is() -> None:
    """Whoever opens a folder reads in its first file what it is for."""
    silent = [
        _ADVICE.format(package=package.relative_to(ROOT), lines=lines)
        for package in _packages()
        if (lines := _lines_of(package)) >= _PACKAGE_LINES and not _docstring_of(package)
    ]

    assert not silent, "\n".join(silent)


def test_what_packages_say_is_short_and_true() -> None:
    """Also of the small ones that say something; a name that has gone is found here."""
    wrong = [
        f"{package.relative_to(ROOT)}: {fault}"
        for package in _packages()
        if (text := _docstring_of(package))
        for fault in _faults_in(text, package)
    ]

    assert not wrong, "\n".join(wrong)


def test_a_docstring_that_misleads_is_seen() -> None:
    """Names of modules and of what is in them, in backticks or by their full name in prose."""
    package = ROOT / "consent/deciding"
    invented = (
        "Says yes (`decide.decide`, `record.CompiledRecord.at`, `standing.py`), or `allow.py` does."
        "\n\nSee `decide.permit`, `record.CompiledRecord.on`, consent.model and consent.rules."
    )

    assert _faults_in(invented, package) == [
        "there is no allow.py",
        "there is no decide.permit",
        "there is no record.CompiledRecord.on",
        "there is no consent.rules",
    ]
    assert _faults_in("It decides.", package) == ["it names no place where its rule is"]
    assert _faults_in("`standing.py`" + "\n" * 10 + ".", package) == ["it has 11 lines"]
    assert not _faults_in("`decide.decide` is asked, and `consent.model.Mode`.", package)


def _packages() -> Iterator[Path]:
    for folder in _FOLDERS:
        yield from (path.parent for path in sorted((ROOT / folder).rglob("__init__.py")))


def _lines_of(package: Path) -> int:
    return sum(len(path.read_text().splitlines()) for path in package.glob("*.py"))


def _docstring_of(package: Path) -> str:
    return ast.get_docstring(ast.parse((package / "__init__.py").read_text())) or ""


def _faults_in(text: str, package: Path) -> list[str]:
    names = dict.fromkeys([*_QUOTED.findall(text), *_OURS_IN_PROSE.findall(text)])
    faults = [f"there is no {name}" for name in names if not _is_there(name, package)]
    if not names:
        faults.append("it names no place where its rule is")
    if (lines := len(text.splitlines())) > _DOCSTRING_LINES:
        faults.append(f"it has {lines} lines")
    return faults


def _is_there(name: str, package: Path) -> bool:
    """Whether it is in the package, or from the top of the house."""
    if name.endswith(".py"):
        return (package / name).is_file()
    return any(_is_below(folder, name.split(".")) for folder in (package, ROOT))


def _is_below(folder: Path, names: Sequence[str]) -> bool:
    first, *others = names
    module, inside = folder / f"{first}.py", folder / first
    if module.is_file():
        return _defines(ast.parse(module.read_text()).body, others)
    if not (inside / "__init__.py").is_file():
        return False
    own = ast.parse((inside / "__init__.py").read_text()).body
    return not others or _is_below(inside, others) or _defines(own, others)


def _defines(body: Sequence[ast.stmt], names: Sequence[str]) -> bool:
    if not names:
        return True
    first, *others = names
    for node in body:
        match node:
            case ast.ClassDef() if node.name == first:
                return _defines(node.body, others)
            case ast.FunctionDef() if node.name == first:
                return not others
            case ast.Assign(targets=[ast.Name(id=target)]) if target == first:
                return not others
            case ast.AnnAssign(target=ast.Name(id=target)) if target == first:
                return not others
            case _:
                continue
    return False
