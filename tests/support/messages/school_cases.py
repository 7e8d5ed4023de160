"""Cases that a practitioner can read: what a school sends, and what must come of it.

A case (YAML) has a name and what comes in: `pupil`, told with the names of the Common Transfer
File (what it does not name is as in every other case; ~ leaves it out), perhaps with `header`; or
`list`, a class list as it stands in its file. What comes out, for one pupil or in `rows` for each:
`parks` (field and reason), or

  known by   the numbers and how far each is trusted, date of birth, postcode
  becomes    records; all of a kind that is named, in order, as far as their fields are told
  nothing of kinds of records that must not be there
  leaves out the cells that could not be read, by where they are, and why
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from io import BytesIO
from typing import Any, ClassVar

import yaml
from lxml import etree

from connectors.ports import Unreadable
from connectors.schools.files import read_schools
from schemas.records.message import Record, SourceMessage
from schemas.vocabulary import Action
from tests.support.checkout import ROOT
from tests.support.messages.cases import SafeLoader

CASES = ROOT / "tests" / "unit" / "connectors" / "schools" / "cases"
RECEIVED_AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
_PUPIL = {
    "UPN": "T999200119011",
    "Surname": "Marlow",
    "Forename": "Edie",
    "DOB": "2019-03-05",
    "Sex": "F",
    "BasicDetails": {"NCyearActual": "2"},
}
_HEADER = {
    "CTFversion": "25.0",
    "DateTime": "2026-11-20T06:30:00",
    "DocumentQualifier": "partial",
    "SourceSchool": {"LEA": "999", "Estab": "2001", "SchoolName": "Brookside Primary School"},
}


class _AsWritten(SafeLoader):
    """Dates and numbers stay text as they were written; true, false and ~ mean themselves."""

    yaml_implicit_resolvers: ClassVar = {}


_AsWritten.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|false"), ["t", "f"])
_AsWritten.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("~"), ["~"])


@dataclass(frozen=True)
class SchoolCase:
    """One case as it stands in its file."""

    file: str
    name: str
    said: Mapping[str, Any]

    def text(self) -> bytes:
        """The file that comes in."""
        if "list" in self.said:
            return str(self.said["list"]).encode()
        header, pupil = etree.Element("Header"), etree.Element("Pupil")
        _write(header, _merged(_HEADER, self.said.get("header", {})))
        _write(pupil, _merged(_PUPIL, self.said.get("pupil", {})))
        root, pupils = etree.Element("CTfile"), etree.Element("CTFpupilData")
        pupils.append(pupil)
        root.extend([header, pupils])
        return etree.tostring(root, encoding="UTF-8", xml_declaration=True)

    @property
    def expected(self) -> list[dict[str, Any]]:
        """What must come out for each pupil."""
        wanted = ("known by", "becomes", "nothing of", "leaves out", "parks")
        one = {name: self.said[name] for name in wanted if name in self.said}
        return list(self.said.get("rows", [one]))

    def what_came(self) -> list[dict[str, Any]]:
        """What came out for each, told as far as the expectation tells it."""
        found = list(read_schools(BytesIO(self.text()), received_at=RECEIVED_AT))
        wanted = [*self.expected, *[{}] * len(found)]
        return [_told(one.outcome, want) for one, want in zip(found, wanted, strict=False)]


def school_cases(*names: str) -> list[SchoolCase]:
    """Every case of these files, in order."""
    return [
        SchoolCase(name, said["case"], said) for name in names for said in yaml_of(f"{name}.yaml")
    ]


def yaml_of(name: str) -> Any:
    """What stands in one file beside the cases."""
    return yaml.load((CASES / name).read_text(encoding="utf-8"), _AsWritten)  # noqa: S506 a safe one


def _merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**base, **more}
    for name, value in base.items():
        if isinstance(value, Mapping) and isinstance(more.get(name), Mapping):
            merged[name] = {**value, **more[name]}
    return merged


def _write(parent: etree._Element, said: Mapping[str, Any]) -> None:
    for name, value in said.items():
        for one in value if isinstance(value, list) else [value]:
            if one is None:
                continue
            element = etree.SubElement(parent, name)
            if isinstance(one, Mapping):
                _write(element, one)
            else:
                element.text = str(one).lower() if isinstance(one, bool) else str(one)


def _told(outcome: SourceMessage | Unreadable, wanted: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(outcome, Unreadable):
        return {"parks": {"field": outcome.field, "because": outcome.reason}}
    told: dict[str, Any] = {}
    if "known by" in wanted:
        told["known by"] = _known_by(outcome, wanted["known by"])
    if "nothing of" in wanted:
        there = {_kind(record) for record in outcome.records}
        told["nothing of"] = [kind for kind in wanted["nothing of"] if kind not in there]
    if "leaves out" in wanted:
        told["leaves out"] = {fault.field: fault.reason for fault in outcome.unused.faults}
    if "becomes" in wanted:
        told["becomes"] = list(_becomes(outcome, wanted["becomes"]))
    return told


def _known_by(message: SourceMessage, wanted: Mapping[str, Any]) -> dict[str, Any]:
    (subject,) = message.subjects
    said = asdict(subject.demographics)
    said["numbers"] = {number.value: number.status.value for number in subject.identifiers}
    return {name: _plain(said.get(name.replace(" ", "_"))) for name in wanted}


def _becomes(message: SourceMessage, wanted: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    named = [kind for record in wanted for kind in record]
    found = [(_kind(record), record) for record in message.records if _kind(record) in named]
    wants = [*wanted, *[{}] * len(found)]
    for (kind, record), want in zip(found, wants, strict=False):
        yield {kind: _as_far_as(record, want.get(kind) or {})}


def _kind(record: Record) -> str:
    if record.payload is None:
        return "clearing" if record.action is Action.CLEAR else "removal"
    name = type(record.payload).__name__
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()


def _as_far_as(record: Record, wanted: Mapping[str, Any]) -> dict[str, Any]:
    said = {} if record.payload is None else asdict(record.payload)
    said |= {"category": record.category, "labels": sorted(record.labels), "key": record.source_id}
    return {name: _plain(said.get(name.replace(" ", "_"))) for name in wanted}


def _plain(value: Any) -> Any:
    """As YAML would say it; pairs of label and value as a list of `label: value`."""
    if isinstance(value, tuple | list):
        return [
            f"{item[0]}: {item[1]}" if isinstance(item, tuple) else _plain(item) for item in value
        ]
    if isinstance(value, dict):
        told = {name: _plain(v) for name, v in value.items()}
        return {name: v for name, v in told.items() if v not in (None, False, [], {})}
    if isinstance(value, StrEnum):
        return value.value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
