"""The list of staff as a personnel department writes it: read, hashed, and let go of. Pure.

A fault names the line and the column, never what stands there. What is kept are keyed hashes,
days, and which practitioner it is; nobody can read a name, a home or a team out of them.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Final

from consent.ledger.fields import OPAQUE_ID
from schemas.records.payloads import Address
from schemas.vocabulary import LabelledCode
from services.audit.unusual.model import OnStaffList
from services.people.linking.facts import KeyKind, compact, hashed_key, names_in
from services.platform.keys.hashing import KeyedHasher
from services.profile.protection.hashed_places import places_protected

REQUIRED: Final = ("practitioner", "surname", "team")
OPTIONAL: Final = ("postcode", "uprn", "address_line", "leave_from", "leave_to", "rota")
MOST_ROWS: Final = 50_000
MOST_BYTES: Final = 20_000_000
_LONGEST: Final = 4000
_POSTCODE: Final = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}")
_UPRN: Final = re.compile(r"[0-9]{1,12}")
_BETWEEN: Final = re.compile(r"[\s;,]+")
_LONGEST_STAY: Final = 800


class HrListFault(LabelledCode):
    """Why a whole file is not read."""

    TOO_LONG = "file-is-too-long", f"The file has more than {MOST_ROWS} rows"
    NOT_UTF_8 = "file-is-not-utf-8", "Save the file as “CSV UTF-8”"
    NOT_CSV = "file-is-not-csv", "The file is not CSV"
    NO_HEADER = "header-is-missing", f"The first row names the columns: {', '.join(REQUIRED)}"
    UNKNOWN = (
        "header-has-a-column-that-is-not-known",
        f"The columns are {', '.join((*REQUIRED, *OPTIONAL))}, each once",
    )


class HrCellFault(LabelledCode):
    """Why a row is refused for what stands in it."""

    MISSING = "is-missing", "is missing"
    NOT_AN_ID = "is-not-the-id-of-a-practitioner", "is not the id of a practitioner"
    NOT_KNOWN = "is-nobody-here", "is nobody of the directory"
    NOT_A_NAME = "is-not-a-name", "has no letters"
    NOT_A_POSTCODE = "is-not-a-postcode", "is not a postcode"
    NOT_A_NUMBER = "is-not-a-number", "is not up to 12 digits"
    NOT_A_DAY = "is-not-a-day", "is not a day such as 2026-11-30"
    ENDS_FIRST = "ends-before-it-begins", "ends before it begins"
    OTHERWISE = "is-otherwise-in-another-row", "says otherwise than another row of the same person"
    CELLS = "row-has-another-number-of-cells", "has another number of cells than the header"


@dataclass(frozen=True, slots=True)
class HrRowFault:
    """What is wrong with a line: in which column, and how."""

    line: int
    field: str
    fault: HrCellFault


@dataclass(frozen=True, slots=True)
class HrList:
    """A list as it is kept: one row a practitioner, and the lines that were refused."""

    rows: Sequence[OnStaffList]
    faults: Sequence[HrRowFault]


def read_hr_list(
    content: bytes, hasher: KeyedHasher, known: frozenset[str] | None = None
) -> HrList | HrListFault:
    """Every row of a file, hashed; several rows of one person say more leave, homes or names.

    `known` are the practitioners of the directory: nobody else is kept.
    """
    told = _table(content)
    if isinstance(told, HrListFault):
        return told
    columns, lines = told
    rows: dict[str, OnStaffList] = {}
    faults = []
    for line, cells in lines:
        found = _row(line, columns, cells, hasher, known)
        if isinstance(found, OnStaffList):
            found = _joined(line, rows.get(found.practitioner), found)
        if isinstance(found, HrRowFault):
            faults.append(found)
        else:
            rows[found.practitioner] = found
    return HrList(list(rows.values()), faults)


_Lines = Sequence[tuple[int, Sequence[str]]]


def _table(content: bytes) -> tuple[Sequence[str], _Lines] | HrListFault:
    if len(content) > MOST_BYTES:
        return HrListFault.TOO_LONG
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return HrListFault.NOT_UTF_8
    if "\0" in text:
        return HrListFault.NOT_UTF_8
    separator = max(",;\t", key=text.split("\n", 1)[0].count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        # As a text editor counts, which a cell with a line break in it goes on beyond.
        lines = [(reader.line_num, cells) for cells in reader]
    except csv.Error:
        return HrListFault.NOT_CSV
    return _with_header(lines)


def _with_header(lines: _Lines) -> tuple[Sequence[str], _Lines] | HrListFault:
    columns = [name.strip().lower().replace(" ", "_") for name in lines[0][1]] if lines else []
    if not set(REQUIRED) <= set(columns):
        return HrListFault.NO_HEADER
    if not set(columns) <= {*REQUIRED, *OPTIONAL} or len(set(columns)) < len(columns):
        return HrListFault.UNKNOWN
    if len(lines) > MOST_ROWS + 1:
        return HrListFault.TOO_LONG
    return columns, [(n, cells) for n, cells in lines[1:] if any(map(str.strip, cells))]


def _row(
    line: int,
    columns: Sequence[str],
    cells: Sequence[str],
    hasher: KeyedHasher,
    known: frozenset[str] | None,
) -> OnStaffList | HrRowFault:
    if len(cells) != len(columns):
        return HrRowFault(line, "row", HrCellFault.CELLS)
    told = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
    for field, fault in _faults(told, known):
        return HrRowFault(line, field, fault)
    leave = _leave(told)
    duty = _duty(told.get("rota", ""))
    if isinstance(leave, HrCellFault):
        return HrRowFault(line, "leave_to" if told.get("leave_from") else "leave_from", leave)
    if isinstance(duty, HrCellFault):
        return HrRowFault(line, "rota", duty)
    postcodes, places = _homes(told, hasher)
    return OnStaffList(
        told["practitioner"],
        _surnames(told["surname"], hasher),
        postcodes,
        places,
        hasher.digest("staff-team", compact(told["team"]) or "")[:16],
        leave,
        duty,
    )


def _faults(
    told: Mapping[str, str], known: frozenset[str] | None
) -> Iterator[tuple[str, HrCellFault]]:
    for field in REQUIRED:
        if not told[field]:
            yield field, HrCellFault.MISSING
    for field, cell in told.items():
        if len(cell) > _LONGEST:
            yield field, HrCellFault.NOT_A_NAME
    if not re.fullmatch(OPAQUE_ID, told["practitioner"]):
        yield "practitioner", HrCellFault.NOT_AN_ID
    elif known is not None and told["practitioner"] not in known:
        yield "practitioner", HrCellFault.NOT_KNOWN
    if not names_in((told["surname"],)):
        yield "surname", HrCellFault.NOT_A_NAME
    if not compact(told["team"]):
        yield "team", HrCellFault.NOT_A_NAME
    yield from _faults_of_home(told)


def _faults_of_home(told: Mapping[str, str]) -> Iterator[tuple[str, HrCellFault]]:
    postcode, uprn = compact(told.get("postcode")), told.get("uprn", "")
    if postcode and not _POSTCODE.fullmatch(postcode):
        yield "postcode", HrCellFault.NOT_A_POSTCODE
    if uprn and not _UPRN.fullmatch(uprn):
        yield "uprn", HrCellFault.NOT_A_NUMBER
    if told.get("address_line") and not postcode:
        yield "postcode", HrCellFault.MISSING


def _surnames(told: str, hasher: KeyedHasher) -> frozenset[bytes]:
    """Each part of a double name, as persons' names are hashed."""
    return frozenset(hashed_key(KeyKind.SURNAME, (name,), hasher) for name in names_in((told,)))


def _homes(
    told: Mapping[str, str], hasher: KeyedHasher
) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """A postcode or UPRN by itself, and the whole address where there is one."""
    postcode, uprn, line = (told.get(name) for name in ("postcode", "uprn", "address_line"))
    alone = set()
    if postcode:
        alone.add(hashed_key(KeyKind.POSTCODE, (compact(postcode) or "",), hasher))
    if uprn:
        alone.add(hasher.digest("uprn", uprn.lstrip("0"))[:16])
    whole = places_protected(Address((line,), postcode), hasher) if line else frozenset()
    return frozenset(alone), whole


def _leave(told: Mapping[str, str]) -> tuple[tuple[date, date], ...] | HrCellFault:
    first, last = told.get("leave_from", ""), told.get("leave_to", "")
    if not first and not last:
        return ()
    begins, ends = _day(first), _day(last)
    if begins is None or ends is None:
        return HrCellFault.NOT_A_DAY
    return ((begins, ends),) if begins <= ends else HrCellFault.ENDS_FIRST


def _duty(cell: str) -> frozenset[date] | HrCellFault:
    """Days, and stays from day to day written with a slash: `2026-03-01 2026-04-05/2026-04-07`."""
    days: set[date] = set()
    for part in filter(None, _BETWEEN.split(cell)):
        first, _, last = part.partition("/")
        begins, ends = _day(first), _day(last or first)
        if begins is None or ends is None:
            return HrCellFault.NOT_A_DAY
        stay = ends.toordinal() - begins.toordinal()
        if not 0 <= stay <= _LONGEST_STAY:
            return HrCellFault.ENDS_FIRST
        days |= {date.fromordinal(begins.toordinal() + n) for n in range(stay + 1)}
    return frozenset(days)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        return None


def _joined(line: int, before: OnStaffList | None, row: OnStaffList) -> OnStaffList | HrRowFault:
    """What two rows of one person say together; in two teams nobody knows who their peers are."""
    if before is None:
        return row
    if before.team != row.team:
        return HrRowFault(line, "team", HrCellFault.OTHERWISE)
    return OnStaffList(
        row.practitioner,
        before.surnames | row.surnames,
        before.postcodes | row.postcodes,
        before.places | row.places,
        row.team,
        tuple(sorted({*before.leave, *row.leave})),
        before.duty | row.duty,
    )
