"""A clone of the checkout in which a patch adds a source, and how that patch is made anew.

When the patch no longer applies, or what it publishes has changed:

    python -m tests.support.new_source FOLDER

makes a clone in FOLDER with as much of the patch as applies. Mend there by hand what is listed
(`*.rej` holds what did not apply: delete it then), and run the same again: it makes the published
schemas anew and writes the patch.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.support.checkout import OUR_PACKAGES, ROOT, tracked_files

PATCH: Final = ROOT / "tests" / "data" / "test-source.patch"
REFRESH: Final = "mend it with: python -m tests.support.new_source FOLDER"
_PUBLISHED: Final = "schemas/published"
_LEFT_OUT: Final = ("tests/", ".ci/")
"""Nothing that runs reads them, and they are half of all files."""
_PUBLISH: Final = """
from schemas.publishing import PUBLISHED, write
from services.interfaces import publishing_openapi
write(PUBLISHED)
publishing_openapi.write(PUBLISHED)
"""


def clone(folder: Path) -> None:
    """Make a repository of its own there, with one commit of all that the checkout holds now."""
    for path in tracked_files():
        name = str(path.relative_to(ROOT))
        if not name.startswith(_LEFT_OUT):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
    _git(folder, "init", "--quiet")
    _git(folder, "add", "--all")
    who = ("-c", "user.name=test", "-c", "user.email=test@tell-once.example")
    _git(folder, *who, "commit", "--quiet", "--no-verify", "-m", "The checkout")


def add_source(folder: Path) -> None:
    """Apply the patch; raises AssertionError that says how to mend it."""
    done = _git(folder, "apply", "--index", str(PATCH), check=False)
    assert done.returncode == 0, f"{PATCH.name} no longer applies; {REFRESH}\n{done.stderr}"


def changes(folder: Path, *options: str) -> str:
    """What `git diff` tells of everything since the commit, new files too."""
    _git(folder, "add", "--all", "--intent-to-add")
    return _git(folder, "diff", *options, "HEAD").stdout


def publish(folder: Path) -> None:
    """Make the published schemas of the clone anew."""
    run_in(folder, _PUBLISH)


def run_in(folder: Path, program: str, *words: str) -> str:
    """Run a program with the clone's own packages; gives what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", _OWN_PACKAGES + program, *words],
        cwd=folder,
        env=_environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


# The checkout itself is installed where the tests run: what is tried must not come from there.
_OWN_PACKAGES: Final = f"""
from importlib import import_module
from pathlib import Path
for name in {OUR_PACKAGES!r}:
    found = [Path(path).resolve() for path in import_module(name).__path__]
    assert found == [Path.cwd().resolve() / name], (name, found)
"""


def _environment(folder: Path) -> Mapping[str, str]:
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("TELL_ONCE_", "GIT_"))}
    return ours | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}


def _git(folder: Path, *words: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        ["git", *words],
        cwd=folder,
        env=_environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 or not check, done.stderr
    return done


def _refresh(folder: Path) -> int:
    if not folder.exists():
        clone(folder)
        _git(folder, "apply", "--reject", f"--exclude={_PUBLISHED}/*", str(PATCH), check=False)
    rejected = [str(path) for path in folder.rglob("*.rej")]
    if rejected:
        sys.stdout.write("\n".join(["To be mended by hand:", *rejected, ""]))
        return 1
    publish(folder)
    _git(folder, "add", "--all")
    PATCH.write_text(_git(folder, "diff", "--cached", "--unified=1", "HEAD").stdout)
    sys.stdout.write(f"{PATCH.relative_to(ROOT)} is written\n")
    return 0


if __name__ == "__main__":
    sys.exit(_refresh(Path(sys.argv[1]).resolve()))
