"""Of which part of a school's list something is said, and of which school, by a file's name."""

import re

from schemas.records.message import WHOLE_LIST

_IN_NAME = re.compile(r"\.whole-((?:school|(?:year|class)-[^.]+))\.[a-z]+$", re.IGNORECASE)
_SCHOOL_IN_NAME = re.compile(r"\.school-([0-9]{6})\.", re.IGNORECASE)
_YEAR = "year"
_CLASS = "class"
_YEARS = {"reception": "r", "nursery": "n"}
_CALLED_A_YEAR = re.compile(r"^(?:year|(?:yr\.?|y)(?=[0-9]))")


def parts_of(year: str | None, group: str | None) -> tuple[str, ...]:
    """The parts in which a pupil of this year and class stands, as they are compared."""
    found = (_named(_YEAR, year), _named(_CLASS, group))
    return tuple(part for part in found if part is not None)


def part_from_text(text: str) -> str | None:
    """`school`, `year:3` or `class:3B` as it is compared; None for anything else."""
    kind, _, name = text.partition(":")
    kind = kind.strip().casefold()
    if kind == WHOLE_LIST:
        return None if name else WHOLE_LIST
    return _named(kind, name) if kind in {_YEAR, _CLASS} else None


def part_from_name(name: str) -> str | None:
    """The part for which a file is declared whole by its name: `autumn.whole-class-3B.csv`."""
    found = _IN_NAME.search(name)
    return None if found is None else part_from_text(found[1].replace("-", ":", 1))


def school_from_name(name: str) -> str | None:
    """The school whose own titles a file has, by its name: `autumn.school-123456.csv`."""
    found = _SCHOOL_IN_NAME.search(name)
    return None if found is None else found[1]


def _named(kind: str, name: str | None) -> str | None:
    """Capitals and spaces do not matter, nor whether a year is called one."""
    compact = "".join((name or "").casefold().split())
    if kind == _YEAR:
        compact = _CALLED_A_YEAR.sub("", compact)
        compact = _YEARS.get(compact, compact)
    return f"{kind}:{compact}" if compact else None
