"""An AuthZEN request as a question to FHIR consents: where each thing is looked for.

- Purpose: `purpose`, `purposes`, `purpose_of_use`, `pou` in `context`, else in the properties of
  action, subject or resource; or `break_glass` or `emergency` that is true in `context`.
- Who asks: `subject` itself, and in its properties and in `context` everything under `actor`,
  `practitioner`, `organization`, `group`, `member_of`, `care_team`, `role`, `agency`,
  `identifier`, `reference` and the like.
- About whom: `patient`, `subject`, `person` or `patient_id` in `resource.properties` or `context`,
  or a resource that is itself a patient.
- What data: see services.access.described_data.
- What is done: `action.name`; `exists`, or a `mode` of `existence`, asks only if there is any.
- When: the time that the caller gives, else `context.time`.

How keys are spelt does not matter (`purposeOfUse`, `purpose-of-use`). Codes are bare (`TREAT`),
`system|code`, Codings, CodeableConcepts or plain words (`treatment`); names are references,
identifiers, `{type, id}` or bare ids.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from consent.fhir_consent.codes import ACT_REASON, OWN_AGENCY, OWN_ROLE, Code
from consent.fhir_consent.hierarchies import most_special
from consent.fhir_consent.question import Question
from consent.fhir_consent.references import Name, identifier_name, is_same
from consent.model import Mode
from services.access import words
from services.access.authzen import EvaluationRequest
from services.access.described_data import data_described
from services.access.errors import RequestUnreadableError
from services.access.looking import codes_meant, found, names_meant

Members = Sequence[tuple[Name, Name]]
"""Pairs of a group (a care team, an organisation) or another name, and who it is said of."""

_PURPOSES = ("purpose", "purposes", "purposeOfUse", "purposesOfUse", "pou")
_PATIENTS = ("patient", "patients", "patientId", "subject", "subjects", "person", "child")
_SCOPES = frozenset({"adr", "research", "patient-privacy", "treatment"})
_ACTOR_KEYS = {
    **{name: (name,) for name in words.ACTOR_TYPES.values()},
    "organization": ("Organization",),
    "organisation": ("Organization",),
    "organizations": ("Organization",),
    "organizationId": ("Organization",),
    "groups": ("Group",),
    "memberOf": ("Group",),
    "memberships": ("Group",),
    "team": ("CareTeam",),
    "teams": ("CareTeam",),
    "careTeams": ("CareTeam",),
    "actor": words.INDIVIDUALS,
    "actors": words.INDIVIDUALS,
    "recipient": words.INDIVIDUALS,
    "requester": words.INDIVIDUALS,
    "fhirUser": words.INDIVIDUALS,
    "reference": (),
    "references": (),
    "identifier": (),
    "identifiers": (),
}


def question_from(
    request: EvaluationRequest, *, now: datetime, at: datetime | None = None, members: Members = ()
) -> Question:
    """The question that the request asks. Raises RequestUnreadableError naming the element."""
    scope = _scope(request)
    mode = _mode(request)
    return Question(
        at=at or _time_in(request) or now,
        patients=_with_groups(_patients(request), members),
        actors=_with_groups(_actors(request), members),
        purposes=_purposes(request, scope),
        actions=words.action_named(request.action.name),
        scope=scope,
        mode=mode,
        data=data_described(request, mode),
    )


def _purposes(request: EvaluationRequest, scope: str | None) -> frozenset[Code]:
    """The purposes stated, without those of which another one stated is a kind."""
    places = (
        request.context,
        request.action.properties,
        request.subject.properties,
        request.resource.properties,
    )
    codes = set(codes_meant(found(places, *_PURPOSES), words.purpose_named))
    if any(value is True for value in found([request.context], "breakGlass", "breakTheGlass")):
        codes.add(Code(ACT_REASON, "BTG"))
    if any(value is True for value in found([request.context], "emergency")):
        codes.add(Code(ACT_REASON, "ETREAT"))
    if not codes and scope == "research":
        codes.add(Code(ACT_REASON, "HRESCH"))
    return most_special(codes)


def _actors(request: EvaluationRequest) -> Iterator[Name]:
    subject = request.subject
    kind = words.ACTOR_TYPES.get(subject.type.lower())
    yield from names_meant([subject.id], (kind,) if kind else words.INDIVIDUALS)
    for place in (subject.properties, request.context):
        for key, kinds in _ACTOR_KEYS.items():
            yield from names_meant(found([place], key), kinds)
    for role in found([subject.properties], "role", "roles"):
        yield from _own_or_named(role, OWN_ROLE)
    for agency in found([subject.properties], "agency", "agencies"):
        yield from _own_or_named(agency, OWN_AGENCY)


def _own_or_named(value: Any, system: str) -> Iterator[Name]:
    if isinstance(value, str) and not {"|", "/"} & set(value):
        yield identifier_name(system, value)
    else:
        yield from names_meant([value])


def _with_groups(names: Iterable[Name], members: Members) -> frozenset[Name]:
    """The names, their other names, and the groups they belong to, however deep."""
    known, size = set(names), -1
    while len(known) > size:
        size = len(known)
        known |= {group for group, one in members if any(is_same(one, name) for name in known)}
    return frozenset(known)


def _patients(request: EvaluationRequest) -> Iterator[Name]:
    resource = request.resource
    stated = found([resource.properties, request.context], *_PATIENTS)
    yield from names_meant(stated, ("Patient",))
    if words.plain(resource.type) in words.PEOPLE:
        yield from names_meant([resource.id], ("Patient", "Person"))


def _scope(request: EvaluationRequest) -> str | None:
    """The consent scope that is asked about; scopes of other kinds (OAuth) say nothing here."""
    stated = found([request.context, request.resource.properties], "scope", "consentScope")
    codes = {code.code for code in codes_meant(stated, words.code_named)} & _SCOPES
    return codes.pop() if len(codes) == 1 else None


def _mode(request: EvaluationRequest) -> Mode:
    stated = found([request.context, request.action.properties], "mode")
    asked = {words.action_word(request.action.name), *(words.plain(str(s)) for s in stated)}
    return Mode.EXISTENCE if asked & words.EXISTENCE_WORDS else Mode.CONTENT


def _time_in(request: EvaluationRequest) -> datetime | None:
    for stated in found([request.context], "time", "at", "dateTime", "timestamp", "currentTime"):
        try:
            time = datetime.fromisoformat(stated)
        except (TypeError, ValueError):
            raise RequestUnreadableError("context.time", "is-not-a-time") from None
        return time if time.tzinfo else time.replace(tzinfo=UTC)
    return None
