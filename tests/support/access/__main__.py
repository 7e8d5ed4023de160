"""python -m tests.support.access walk [--json] | write."""

import argparse
import json
import sys
from collections import Counter
from time import process_time

import structlog

from tests.support.access.catalogue import grants_in
from tests.support.access.installing import an_installation
from tests.support.access.table import access_table
from tests.support.access.walking import Disagreement, all_cases, covering_cases, walk
from tests.support.checkout import ROOT

PAGE = ROOT / "deploy" / "access.md"


def main() -> int:
    """Walk, or write the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.access")
    parser.add_argument("verb", choices=["walk", "write"])
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--covering", action="store_true", help="only what CI walks")
    args = parser.parse_args()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    if args.verb == "walk":
        return _walk(is_json=args.json, is_short=args.covering)
    with an_installation() as world:
        PAGE.write_text(access_table(grants_in(world.running.outside.engine)), encoding="utf-8")
    return 0


def _walk(*, is_json: bool, is_short: bool) -> int:
    counts: Counter[str] = Counter()
    wrong: list[Disagreement] = []
    with an_installation() as world:
        for case, disagreement in walk(world, covering_cases() if is_short else all_cases()):
            counts[case.door.doors.value] += 1
            if disagreement is not None:
                wrong.append(disagreement)
    document = {
        "cases": dict(counts),
        "cpu_seconds": round(process_time(), 1),
        "disagreements": [str(one) for one in wrong],
    }
    if is_json:
        sys.stdout.write(json.dumps(document) + "\n")
    else:
        sys.stdout.write("".join(f"{name}: {count:,} asked\n" for name, count in counts.items()))
        sys.stdout.write("".join(f"{one}\n" for one in wrong))
        sys.stdout.write(f"{len(wrong)} disagreements, {process_time():.0f} s of CPU\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
