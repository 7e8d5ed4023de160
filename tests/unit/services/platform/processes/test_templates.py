"""What templates were compiled to is found by the next process, and is never what they were."""

from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from services.platform.processes.templates import kept_beside


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """Give a module whose environment has one template."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text("Good {{ time }}")
    module = tmp_path / "frame.py"
    module.write_text("trim_blocks = True")
    return module


def _says(module: Path, made_by: Path | None = None, *, keeps: bool = True) -> str:
    """What a process that begins now makes of the template."""
    by = None if made_by is None else str(made_by)
    kept = kept_beside(str(module), made_by=by, keeps=keeps)
    loader = FileSystemLoader(module.parent / "templates")
    return (
        Environment(loader=loader, autoescape=True, bytecode_cache=kept)
        .get_template("page.html")
        .render(time="day")
    )


def _kept(module: Path) -> list[Path]:
    return sorted((module.parent / "__pycache__").glob("*.template"))


def test_the_next_process_finds_what_was_compiled(module: Path) -> None:
    """Nothing more is written, and it says the same."""
    first = _says(module)
    kept = {path: path.stat().st_mtime_ns for path in _kept(module)}

    assert (first, _says(module)) == ("Good day", "Good day")
    assert len(kept) == 1
    assert {path: path.stat().st_mtime_ns for path in _kept(module)} == kept


def test_a_template_that_was_changed_is_compiled_anew(module: Path) -> None:
    """Whatever its time says."""
    _says(module)
    (module.parent / "templates" / "page.html").write_text("Bad {{ time }}")

    assert _says(module) == "Bad day"


@pytest.mark.parametrize("changed", ["frame.py", "extension.py"])
def test_what_was_made_in_another_way_is_not_taken(module: Path, changed: str) -> None:
    """By other settings of the environment, or by another extension."""
    extension = module.with_name("extension.py")
    extension.write_text("says = 'one'")
    _says(module, extension)
    module.with_name(changed).write_text("it = 'otherwise'")

    _says(module, extension)

    assert len(_kept(module)) == 2


def test_half_of_what_was_kept_is_nothing(module: Path) -> None:
    """As after a power cut, wherever it was cut."""
    _says(module)
    (kept,) = _kept(module)
    whole = kept.read_bytes()

    for length in range(0, len(whole), 7):
        kept.write_bytes(whole[:length])
        assert _says(module) == "Good day"


def test_whoever_may_keep_nothing_compiles(module: Path) -> None:
    """A file stands where the folder would be."""
    (module.parent / "__pycache__").write_text("")

    assert _says(module) == "Good day"


def test_where_python_keeps_nothing_nothing_is_kept(module: Path) -> None:
    """Whoever runs it has said so."""
    assert _says(module, keeps=False) == "Good day"
    assert not _kept(module)
