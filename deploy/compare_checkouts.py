# ruff: noqa: INP001 - deploy is not a package: a distribution of that name exists
"""Says whether two checkouts do the same, as seen from outside.

  .venv/bin/python -m deploy.compare_checkouts OLD NEW

Compared byte by byte: `--help` of every command, every file of schemas/published, and everything
that the demonstration shows, before and after every form on its pages was sent. Both run at one
time that stands still and under the same keys; random ids, tokens and nonces are masked
(deploy/comparing). Nothing of either checkout is imported.

The exit code is 0 if nothing differs, 1 if something does, 2 if they cannot be compared.
"""

import argparse
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from difflib import unified_diff
from itertools import islice
from pathlib import Path

from deploy.comparing.crawling import walk_through
from deploy.comparing.demonstration import ComparisonError, clean_environment, demonstration
from deploy.comparing.helps import commands_in
from deploy.comparing.masking import masked

_HERE = Path(__file__).resolve().parent
_LINES_SHOWN = 12
_WHOEVER = re.compile(r"^[^:]+: ")
_WHOM = re.compile(r"‹[^›]+›|\b[0-9a-f]{32}\b|\?purpose=[a-z-]+")
_WIDEST = 180

Said = Mapping[str, str]


def main(argv: Sequence[str]) -> int:
    """Compare, tell, and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkouts", nargs=2, type=Path, metavar="CHECKOUT", help="old, then new")
    parser.add_argument("--only", choices=list(_ASK), help="not the others")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where to write what was said")
    args = parser.parse_args(argv)
    old, new = (path.resolve() for path in args.checkouts)
    began = time.monotonic()
    differences = 0
    try:
        for name in [args.only] if args.only else _ASK:
            what, ask = _ASK[name]
            said = in_both(ask, old, new)
            if args.keep:
                keep(args.keep, name, *said)
            differences += tell(what, *said)
    except ComparisonError as error:
        say(f"cannot compare: {error}")
        return 2
    verdict = "nothing differs" if not differences else f"{differences} differ"
    say(f"{verdict}, after {time.monotonic() - began:.0f} seconds")
    return 1 if differences else 0


def in_both(ask: Callable[[Path], Said], old: Path, new: Path) -> tuple[Said, Said]:
    """Ask both checkouts, side by side."""
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(ask, (old, new))
    return first, second


def helps_of(checkout: Path) -> Said:
    """Give what `--help` says of the program, its commands and theirs, by what one types."""
    everything = _output_of([str(checkout / "deploy" / "tell-once"), "--help"], checkout)
    python, printer = checkout / ".venv" / "bin" / "python", _HERE / "comparing" / "helps.py"
    found = {"tell-once": everything}
    for command in commands_in(everything):
        found |= json.loads(_output_of([str(python), str(printer), command], checkout))
    return found


def _output_of(command: Sequence[str], checkout: Path) -> str:
    result = subprocess.run(  # noqa: S603 - the checkout's own program
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=checkout,
        env=clean_environment() | {"PYTHONSAFEPATH": "1"},
    )
    if result.returncode != 0:
        raise ComparisonError(f"{' '.join(command)} failed:\n{result.stderr[-2000:]}")
    return result.stdout


def schemas_of(checkout: Path) -> Said:
    """Give the published schemas by their file's name."""
    folder = checkout / "schemas" / "published"
    return {
        str(path.relative_to(folder)): path.read_bytes().decode("utf-8", "backslashreplace")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def pages_of(checkout: Path) -> Said:
    """Give everything that the checkout's demonstration answers, by who asked for what."""
    with demonstration(checkout) as running:
        said = walk_through(running)
    return masked(said.items(), f"127.0.0.1:{running.port}")


def tell(what: str, old: Said, new: Said) -> int:
    """Say how much was compared and what differs; gives how many differ."""
    say(f"{len(old)} {what} in the old checkout, {len(new)} in the new one")
    for line in _counted(old):
        say(f"  {line}")
    different = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    kinds = Counter(_kind_of(name) for name in different)
    shown = {_kind_of(name): name for name in reversed(different)}
    for kind, name in reversed(shown.items()):
        others = f" (and {kinds[kind] - 1} of its kind)" if kinds[kind] > 1 else ""
        say(f"  differs: {name}{others}")
        for line in _difference(old.get(name), new.get(name)):
            say(f"    {line[:_WIDEST]}")
    return len(different)


def _kind_of(name: str) -> str:
    """What is asked for, whoever asks about whom: of a kind one difference is shown."""
    return _WHOEVER.sub("", _WHOM.sub("", name))


def _counted(said: Said) -> Iterator[str]:
    """Who asked how much, where somebody in particular asked."""
    asked = Counter(name.partition(": ")[0] for name in said if ": " in name)
    for who, times in asked.items():
        yield f"{who}: {times}"
    if asked:
        status = Counter(text.partition(" ")[0] for text in said.values())
        yield "answered " + ", ".join(f"{n} with {s}" for s, n in sorted(status.items()))


def _difference(old: str | None, new: str | None) -> Iterator[str]:
    if old is None or new is None:
        yield "only in the " + ("new" if old is None else "old") + " checkout"
        return
    lines = unified_diff(old.splitlines(), new.splitlines(), "old", "new", lineterm="", n=0)
    yield from islice(lines, 2, 2 + _LINES_SHOWN)


def keep(folder: Path, name: str, old: Said, new: Said) -> None:
    """Write what was compared, for a closer look: NAME-old.json and NAME-new.json."""
    folder.mkdir(parents=True, exist_ok=True)
    for which, said in (("old", old), ("new", new)):
        document = json.dumps(said, indent=1, ensure_ascii=False)
        (folder / f"{name}-{which}.json").write_text(document, encoding="utf-8")


def say(what: str) -> None:
    """Tell the person, at once."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


_ASK: Mapping[str, tuple[str, Callable[[Path], Said]]] = {
    "commands": ("help of commands", helps_of),
    "schemas": ("published schemas", schemas_of),
    "pages": ("answers of the demonstration", pages_of),
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
