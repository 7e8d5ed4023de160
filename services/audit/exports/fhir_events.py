"""Entries as FHIR R4 AuditEvents, one a line, each after the profile that its event follows. Pure.

Written as plain documents and never through models of FHIR: that would take a hundred times as
long. Tests hold what is written against the models, and against the profiles' constraints.

Where a profile wants one patient and an entry names several, each has an AuditEvent of their own.
Addresses of networks are not kept by the ledger: where a profile wants one it says that it is
unknown. What the ledger knows and AuditEvent has no place for stands in `entity.detail`.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

import orjson

from consent.fhir.terms import HL7_PURPOSES
from services.audit.exports.fhir_agents import Agents
from services.audit.exports.fhir_codes import (
    ACT_REASON,
    CONSENT_TYPE,
    DISCLOSE,
    DOMAIN_RESOURCE,
    PATIENT,
    PERSON,
    QUERY,
    SYSTEM_OBJECT,
    TYPES,
    coding,
    own,
    ref,
    type_without,
)
from services.audit.exports.fhir_profiles import BalpProfile, Followed, followed_by
from services.audit.exports.rows import BATCH, Placed
from services.audit.exports.shapes import PERSON_FIELDS, ShapedEntry, shaped

Document = dict[str, Any]

_ENDED_BADLY = ("refused", "withheld", "failed")
_SUCCESS, _FAILURE = "0", "8"
_AUTHORISED = {"subtype": [coding("balp:AuthZsubType", "AuthZ-Consent")]}
_SAME_PURPOSE = {ours.value: theirs for theirs, ours in HL7_PURPOSES.items()}


class AuditEvents:
    """Writes AuditEvents as observed by this installation, which `origin` names."""

    def __init__(self, origin: str) -> None:
        self._agents = Agents(origin)

    def lines(self, entries: Iterable[Placed]) -> Iterator[tuple[int, bytes]]:
        """Yield lines, many at a time, each time with from how many entries they are.

        An entry that is not well-formed gives none.
        """
        rest = iter(entries)
        while batch := list(islice(rest, BATCH)):
            found = [shaped(entry.body) for entry in batch]
            lines = [
                orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE)
                for entry in found
                if entry is not None
                for each in self.events_of(entry)
            ]
            yield len(batch), b"".join(lines)

    def events_of(self, entry: ShapedEntry) -> Iterator[Document]:
        """The AuditEvents of one entry: one, or one for each whom it is about."""
        persons = entry.persons()
        followed = _followed(entry.shape.event, bool(persons), bool(entry.text("decided_from")))
        if followed.profile is None or not persons:
            yield self._event(entry, followed, persons, entry.id)
            return
        yield self._event(entry, followed, persons[:1], entry.id)
        for number, person in enumerate(persons[1:], 2):
            yield self._event(entry, followed, [person], f"{entry.id}-{number}")

    def _event(
        self, entry: ShapedEntry, followed: Followed, persons: Sequence[str], its_id: str
    ) -> Document:
        profile, is_done = followed.profile, _is_done(entry)
        document: Document = {"resourceType": "AuditEvent", "id": its_id}
        if profile is None:
            document |= _without_profile(entry)
        else:
            document["meta"] = {"profile": [profile.canonical]}
            document |= TYPES[profile]
            document["subtype"] = _subtypes(entry, profile)
        document["recorded"] = entry.at
        document["outcome"] = _SUCCESS if is_done else _FAILURE
        if not is_done:
            document["outcomeDesc"] = entry.text("reasons") or entry.text("because") or "refused"
        purpose = _purpose(entry.text("purpose"))
        if purpose:
            document["purposeOfEvent"] = purpose
        document["agent"] = self._agents.of(entry, profile, purpose)
        document["source"] = self._agents.source
        entities = _entities(entry, followed, persons)
        if entities:
            document["entity"] = entities
        return document


@cache
def _followed(event: Any, has_patient: bool, has_consent: bool) -> Followed:  # noqa: FBT001 as a key
    return followed_by(event, has_patient=has_patient, has_consent=has_consent)


def _is_done(entry: ShapedEntry) -> bool:
    return not (entry.shape.event.endswith(_ENDED_BADLY) or entry.text("permitted") == "no")


def _without_profile(entry: ShapedEntry) -> Document:
    kind = type_without(entry.shape.event)
    return {"type": kind, "subtype": [own("ledger-event", entry.shape.event)], "action": "E"}


def _subtypes(entry: ShapedEntry, profile: BalpProfile) -> Sequence[Mapping[str, str]]:
    """The interaction that the profile names; ours beside it wherever others are let be there."""
    if profile is BalpProfile.AUTHZ_CONSENT:
        return _AUTHORISED["subtype"]
    first = DISCLOSE if profile is BalpProfile.DISCLOSURE_SOURCE else _interaction(profile)
    return [first, own("ledger-event", entry.shape.event)]


@cache
def _interaction(profile: BalpProfile) -> Mapping[str, str]:
    name = profile.value.removeprefix("Patient").lower()
    return coding("restful-interaction", "search" if name == "query" else name)


@cache
def _purpose(code: str) -> list[Document]:
    if not code:
        return []
    both = [own("purpose", code)]
    if code in _SAME_PURPOSE:
        both.append(coding(ACT_REASON, _SAME_PURPOSE[code]))
    return [{"coding": both}]


def _entities(entry: ShapedEntry, followed: Followed, persons: Sequence[str]) -> list[Document]:
    """Whom and what it was about. Details stand on the first that may have some."""
    profile = followed.profile
    entities: list[Document] = [
        {"what": {"reference": f"Patient/{person}"}, "type": PERSON, "role": PATIENT}
        for person in persons
    ]
    if profile in {BalpProfile.QUERY, BalpProfile.PATIENT_QUERY}:
        typed = b64encode(entry.fields.encode()).decode()
        entities.append({"type": SYSTEM_OBJECT, "role": QUERY, "query": typed})
    elif profile is not BalpProfile.AUTHZ_CONSENT:
        entities.append(_data(entry, followed.data))
    if profile in {BalpProfile.PATIENT_READ, BalpProfile.AUTHZ_CONSENT}:
        entities += [
            {"what": {"identifier": ref("decision", one)}, "type": CONSENT_TYPE}
            for one in entry.items("decided_from")
        ]
    details = _details(entry)
    holder = next((one for one in entities if one.get("role") is not QUERY), None)
    if details and holder is not None:
        holder["detail"] = details
    return entities


def _data(entry: ShapedEntry, field: str | None) -> Document:
    """What it was about: the thing that the entry names, else the entry itself."""
    named = entry.items(field) if field is not None else []
    told = ref(str(field), named[0]) if named else ref("ledger-entry", entry.id)
    return {"what": {"identifier": told}, "type": SYSTEM_OBJECT, "role": DOMAIN_RESOURCE}


def _details(entry: ShapedEntry) -> list[Document]:
    return [
        {"type": name, "valueString": value}
        for name in entry.shape.places
        if name not in PERSON_FIELDS and (value := entry.text(name))
    ]
