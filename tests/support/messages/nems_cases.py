"""Cases that a practitioner can read: what a message says, and what must come of it.

A case (YAML) has a name, `message` (what comes in) and either `becomes` (the records that must
come out, as far as their fields are given) or `parks` (the field and the reason). The details and
the address of the person, which most messages repeat, are compared only where a case names them.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar

import yaml

from connectors.health_visiting.nems.events import EventCode
from connectors.ports import Unreadable
from schemas.records.message import Record, SourceMessage
from schemas.vocabulary import Action
from tests.support.checkout import ROOT
from tests.support.messages.cases import SafeLoader
from tests.support.messages.nems import AHeader, APerson
from tests.support.messages.nems_case_messages import BUILDERS

CASES = ROOT / "tests" / "unit" / "connectors" / "health_visiting" / "cases"

_EVENTS = {
    "professional contact": EventCode.PROFESSIONAL_CONTACTS,
    "vaccination": EventCode.VACCINATIONS,
    "newborn hearing": EventCode.NEWBORN_HEARING,
    "newborn physical examination": EventCode.NIPE_OUTCOME,
    "blood spot": EventCode.BLOOD_SPOT_OUTCOME,
    "birth notification": EventCode.BIRTH_NOTIFICATION,
    "change of address": EventCode.CHANGE_OF_ADDRESS,
    "change of practice": EventCode.CHANGE_OF_GP,
    "death": EventCode.DEATH_NOTIFICATION,
    "record change": EventCode.RECORD_CHANGE,
    "encounter": EventCode.ENCOUNTER,
    "assessment scales": EventCode.ASSESSMENT_SCALES,
    "feeding status": EventCode.FEEDING_STATUS,
    "personal contact": EventCode.PERSONAL_CONTACTS,
    "legal information": EventCode.LEGAL_INFORMATION,
    "individual requirements": EventCode.INDIVIDUAL_REQUIREMENTS,
}
_ALWAYS_THERE = frozenset({"person details", "contact details", "clearing"})
_HEADER = frozenset(field.name for field in fields(AHeader))


class AsWritten(SafeLoader):
    """Dates and numbers stay text as they were written; only true, false and null mean more."""

    yaml_implicit_resolvers: ClassVar = {}


AsWritten.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|false"), ["t", "f"])
AsWritten.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("null"), ["n"])


@dataclass(frozen=True)
class Case:
    """One case as it stands in its file."""

    file: str
    name: str
    message: dict[str, Any]
    expected: dict[str, Any]

    @property
    def event(self) -> EventCode:
        """What happened."""
        return _EVENTS[self.message["event"]]

    @property
    def type(self) -> str:
        """New, update or delete."""
        return str(self.message.get("type", "new"))

    def text(self) -> bytes:
        """The message in XML."""
        said = {name.replace(" ", "_"): value for name, value in self.message.items()}
        said = {name: v for name, v in said.items() if name not in {"event", "type", "person"}}
        header = AHeader(
            event=self.event,
            event_type=self.type,
            **{name: said.pop(name) for name in _HEADER & said.keys()},
        )
        build: Callable[..., bytes] = BUILDERS[self.event]
        return build(person_from(self.message.get("person", {})), header, **said)


def cases() -> Iterator[Case]:
    """Every case of every file, in order."""
    for path in sorted(CASES.glob("*.yaml")):
        for said in yaml.load(path.read_text(encoding="utf-8"), AsWritten):  # noqa: S506 a safe one
            expected = {name: said[name] for name in ("becomes", "parks") if name in said}
            yield Case(path.stem, said["case"], said["message"], expected)


def person_from(said: dict[str, Any]) -> APerson:
    """Somebody as a case describes them; what it leaves out is as in every other message."""
    named = {name.replace(" ", "_"): value for name, value in said.items()}
    for name in ("given", "lines"):
        if name in named:
            named[name] = tuple(named[name])
    return APerson(**named)


def what_became(outcome: SourceMessage | Unreadable, expected: dict[str, Any]) -> dict[str, Any]:
    """What came out, told in the words and as far as the expectation tells it."""
    if isinstance(outcome, Unreadable):
        return {"parks": {"field": outcome.field, "because": outcome.reason}}
    named = {kind for record in expected.get("becomes", []) for kind in record}
    told = [(_kind(record), record) for record in outcome.records]
    told = [(kind, record) for kind, record in told if kind in named or kind not in _ALWAYS_THERE]
    wanted = [*expected.get("becomes", []), *[{}] * len(told)]
    return {
        "becomes": [
            {kind: _as_far_as(record, want.get(kind) or {})}
            for (kind, record), want in zip(told, wanted, strict=False)
        ]
    }


def _kind(record: Record) -> str:
    if record.action is Action.CLEAR:
        return "clearing"
    if record.payload is None:
        return "removal"
    name = type(record.payload).__name__
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()


def _as_far_as(record: Record, wanted: dict[str, Any]) -> dict[str, Any]:
    said = {} if record.payload is None else asdict(record.payload)
    said |= {"category": record.category, "labels": sorted(record.labels)}
    said |= {"subjects": record.subjects, "key": record.source_id}
    return {name: _plain(said.get(name.replace(" ", "_"))) for name in wanted}


def _plain(value: Any) -> Any:
    """As YAML would say it; pairs of label and value as a mapping."""
    if isinstance(value, tuple | list):
        if value and all(isinstance(item, tuple) for item in value):
            return dict(value)
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(v) for name, v in value.items() if v not in (None, False, ())}
    return value.value if isinstance(value, StrEnum) else value
