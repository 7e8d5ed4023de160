"""What a source sent in the fields that a fault names, for whoever has to have it mended.

Of a message that could not be read as a whole: JSON, XML or one row of a list. The text of a field
is given as it stands there, cut where it is long; all else stays closed. Pure.
"""

import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from lxml import etree

from connectors.parsing.safe_xml import Element, parser_options, safe_text
from connectors.schools.class_list.headers import columns_in
from schemas.errors import UnreadableMessageError

MOST_VALUES: Final = 10
LONGEST: Final = 200
_BOM: Final = b"\xef\xbb\xbf"
_SEGMENT: Final = re.compile(r"([^./\[\]]+)((?:\[[^\]]*\])*)")
_OF_A_ROW: Final = re.compile(r"row\[\d+\]/(.+)")
_DELIMITERS: Final = ",;\t|"
_NOT_A_LETTER: Final = re.compile(r"[^A-Z0-9]+")
# Names of what says how another value is meant, and is none by itself.
_BESIDE: Final = frozenset({"system", "url", "use", "resourceType"})
# A value there tells where somebody is or can be reached, of whom it may not be known who they are.
_TELLS_A_PLACE: Final = re.compile(
    r"addr|post_?-?code|postal|telecom|phone|mobile|e_?-?mail|uprn|location|placement"
    r"|\bline\b|\bcity\b|street|town|locality",
    re.IGNORECASE,
)


class NotReadAsSentError(ValueError):
    """Neither JSON nor XML nor one row of a list: no field of it can be told from another."""


@dataclass(frozen=True, slots=True, repr=False)
class SentValue:
    """One field, and what stands in it; None where it tells a place, which is not shown."""

    field: str
    value: str | None
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class _Step:
    """One step down: its name, what it is besides (`extension` of a URL), its place among its own.

    `also` has nothing of what is said.
    """

    name: str
    also: str = ""
    number: int = 0

    def is_(self, name: str, marks: Sequence[str]) -> bool:
        if not (self.name == name or (self.name == "extension" and _has(self.also, name))):
            return False
        return all(self._has_mark(mark) for mark in marks)

    def _has_mark(self, mark: str) -> bool:
        return self.number == int(mark) if mark.isdigit() else _has(self.also, mark)


_Leaf = tuple[tuple[_Step, ...], str]


def names_a_field(field: str) -> bool:
    """Whether a fault is of one field and not of a message, a file, a row or somebody as a whole.

    What a message is about has another name in each; `focus` is none that stands there.
    """
    if _OF_A_ROW.fullmatch(field):
        return True
    first, *more = _SEGMENT.findall(field) or [("", "")]
    return first[0] not in {"row", "focus", "subject", "mailbox"} and bool(more)


def tells_a_place(field: str) -> bool:
    """Whether a field of this name says where somebody is, or by what they can be reached."""
    return _TELLS_A_PLACE.search(field) is not None


def values_as_sent(message: bytes, field: str) -> tuple[SentValue, ...]:
    """What stands in the field, wherever in the message; nothing where it is not there.

    Raises NotReadAsSentError.
    """
    of_a_row = _OF_A_ROW.fullmatch(field)
    if of_a_row is not None:
        found = list(_cells(message, of_a_row[1]))
        return tuple(_sent(field, text) for text in found[:MOST_VALUES])
    wanted = [(name, re.findall(r"[^\[\]]+", marks)) for name, marks in _SEGMENT.findall(field)]
    told = [
        (".".join((field, *below)), text)
        for steps, text in _leaves(message)
        if (below := _below(steps, wanted)) is not None
    ]
    return tuple(_sent(name, text) for name, text in told[:MOST_VALUES])


def _sent(field: str, text: str) -> SentValue:
    if tells_a_place(field):
        return SentValue(field, None)
    return SentValue(field, text[:LONGEST], len(text) > LONGEST)


def _below(steps: Sequence[_Step], wanted: Sequence[tuple[str, list[str]]]) -> list[str] | None:
    """The names under the field by which this leaf is reached; None where it is not of it.

    One name follows the other but for extensions, which a path leaves out.
    """
    for first in range(len(steps)):
        at: int | None = first
        for name, marks in wanted:
            at = None if at is None else _after(steps, at, name, marks)
        if at is not None:
            names = [step.name for step in steps[at:]]
            is_beside = "extension" in names or (names and names[-1] in _BESIDE)
            return None if is_beside else names
    return None


def _after(steps: Sequence[_Step], at: int, name: str, marks: Sequence[str]) -> int | None:
    """Where to go on after a step of that name, which may stand behind extensions."""
    for place in range(at, len(steps)):
        if steps[place].is_(name, marks):
            return place + 1
        if steps[place].name != "extension":
            return None
    return None


def _has(text: str, part: str) -> bool:
    return bool(part) and part.lower() in text.lower()


def _leaves(message: bytes) -> Iterator[_Leaf]:
    text = message.removeprefix(_BOM).lstrip()
    try:
        if text[:1] in {b"{", b"["}:
            yield from _of_json(json.loads(text, **_AS_IT_STANDS), ())
        elif text[:1] == b"<":
            safe = safe_text(message, field="message")
            yield from _of_xml(etree.fromstring(safe, etree.XMLParser(**parser_options())), (), 0)
        else:
            raise NotReadAsSentError
    except (ValueError, RecursionError, etree.XMLSyntaxError, UnreadableMessageError):
        raise NotReadAsSentError from None


class _Object(tuple[tuple[str, Any], ...]):
    """The pairs of an object of JSON, also those of one name."""

    __slots__ = ()


_AS_IT_STANDS: Final[dict[str, Any]] = {
    "object_pairs_hook": _Object,
    "parse_int": str,
    "parse_float": str,
    "parse_constant": str,
}


def _of_json(value: Any, steps: tuple[_Step, ...]) -> Iterator[_Leaf]:
    if isinstance(value, _Object):
        said = {name: text for name, text in value if isinstance(text, str)}
        if steps:
            also = said.get("url") or said.get("system") or ""
            steps = (*steps[:-1], _Step(steps[-1].name, also, steps[-1].number))
        if "resourceType" in said:
            steps = (*steps, _Step(said["resourceType"]))
        for name, item in value:
            items = item if isinstance(item, list) else [item]
            for number, one in enumerate(items):
                yield from _of_json(one, (*steps, _Step(name, number=number)))
    elif isinstance(value, list):
        for one in value:
            yield from _of_json(one, steps)
    else:
        yield steps, value if isinstance(value, str) else json.dumps(value)


def _of_xml(element: Element, above: tuple[_Step, ...], number: int) -> Iterator[_Leaf]:
    name = etree.QName(element).localname
    named = [str(child.get("value")) for child in element if _name_of(child) == "system"]
    steps = (*above, _Step(name, element.get("url") or "".join(named), number))
    value = element.get("value")
    if value is None and not len(element):
        value = element.text or ""
    if value is not None:
        yield steps, value
    places: dict[str, Iterator[int]] = {}
    for child in element:
        place = next(places.setdefault(_name_of(child), count()))
        yield from _of_xml(child, steps, place)


def _name_of(element: Element) -> str:
    return etree.QName(element).localname


def _cells(message: bytes, column: str) -> Iterator[str]:
    """The cells of a column in a list of one row, under its own title or one that is known.

    What is parked of a list is its titles and one row (connectors.ports.Received.raw).
    """
    rows = _rows(message)
    titles, row = rows[0], rows[-1]
    if len(rows) != len((titles, row)):
        raise NotReadAsSentError
    known = columns_in(titles, {}).places.get(column, ())
    same = {at for at, title in enumerate(titles) if _in_capitals(title) == _in_capitals(column)}
    for at in sorted({*known, *same}):
        if at < len(row):
            yield row[at]


def _rows(message: bytes) -> list[list[str]]:
    try:
        text = message.removeprefix(_BOM).decode()
    except UnicodeDecodeError:
        text = message.decode("cp1252", errors="replace")
    lines = [line for line in text.splitlines() if not line.startswith("sep=")]
    cut = [list(csv.reader(lines, delimiter=delimiter)) for delimiter in _DELIMITERS]
    rows = max(cut, key=lambda rows: max((len(row) for row in rows), default=0))
    found = [row for row in rows if any(cell.strip() for cell in row)]
    if not found:
        raise NotReadAsSentError
    return found


def _in_capitals(title: str) -> str:
    return _NOT_A_LETTER.sub("_", title.strip().upper())
