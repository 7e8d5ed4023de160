"""An AuthZEN request as a question to FHIR consents: where each thing is looked for.

- Purpose: `purpose`, `purposes`, `purpose_of_use`, `pou` in `context`, else in the properties of
  action, subject or resource; or `break_glass` or `emergency` that is true in `context`.
- Who asks: `subject` itself, and in its properties and in `context` everything under `actor`,
  `practitioner`, `organization`, `group`, `member_of`, `care_team`, `role`, `agency`,
  `identifier`, `reference` and the like.
- About whom: `patient`, `subject`, `person` or `patient_id` in `resource.properties` or `context`,
  or a resource that is itself a patient.
- What data: `data_described` below.
- What is done: `action.name`; `exists`, or a `mode` of `existence`, asks only if there is any.
- When: the time that the caller gives, else `context.time`.

How keys are spelt does not matter (`purposeOfUse`, `purpose-of-use`). Codes are bare (`TREAT`),
`system|code`, Codings, CodeableConcepts or plain words (`treatment`); names are references,
identifiers, `{type, id}` or bare ids.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from consent.fhir.elements import Name, Span, identifier_name, is_same, span_between, span_of
from consent.fhir.question import Data, Question
from consent.fhir.vocabulary import (
    ACT_REASON,
    OWN_AGENCY,
    OWN_CATEGORY,
    OWN_ROLE,
    RESOURCE_TYPES,
    UNKNOWN_SYSTEM,
    Code,
    existence_of,
    most_special,
)
from consent.model import Mode
from schemas.vocabulary import Role, Source
from services.interfaces.access import words
from services.interfaces.access.authzen import (
    EvaluationRequest,
    RequestUnreadableError,
    SeveralProperties,
    codes_meant,
    found,
    is_stated,
    names_meant,
)

# What a request says of the data it is about.
#
# - Labels: `labels`, `security_label`, `security`, `sensitivity`, `confidentiality` or
#   `meta.security` in `resource.properties`, else in `context`; an empty list says there is none.
# - Kind: a `resource.type` that is a FHIR type, and `class`, `resource_type`, `profile`,
#   `category`.
# - The data itself: `resource.type` and `resource.id`; `code`; `author`, `performer`; `encounter`,
#   `related` and other references; `custodian`; `date`, `effective`, `period` and other times.
#
# Of what is not described nothing is assumed: what a consent limits then becomes an obligation.

_LABELS = (
    *("labels", "label", "securityLabel", "securityLabels", "security", "securityTags"),
    *("sensitivity", "sensitivities", "confidentiality", "confidentialityCode"),
)
_CLASSES = ("class", "classes", "resourceType", "profile", "profiles", "documentType")
_CATEGORIES = ("category", "categories")
_CODES = ("code", "codes")
_AUTHORS = (
    *("author", "authors", "authoredBy", "performer", "performers", "recorder", "asserter"),
    *("requester", "sender"),
)
_RELATED = (
    *("related", "relatedTo", "references", "referencedBy", "dependents", "encounter"),
    *("encounters", "episodeOfCare", "carePlan", "basedOn", "partOf"),
)
_CUSTODIANS = ("custodian", "custodians", "managingOrganization", "dataHolder")
_TIMES = (
    *("date", "dateTime", "effective", "effectiveDateTime", "authored", "authoredOn", "created"),
    *("recorded", "recordedDate", "issued", "occurred", "occurrenceDateTime", "performedDateTime"),
)
_PERIODS = ("period", "dataPeriod", "effectivePeriod", "occurrencePeriod", "performedPeriod")
_AUTHOR_KINDS = (*words.INDIVIDUALS, "Organization")
_RELATED_KINDS = ("Encounter", "EpisodeOfCare", "CarePlan")


def data_described(request: EvaluationRequest, mode: Mode) -> Data:
    """All that the request says of the data. Raises RequestUnreadableError naming the element."""
    properties = request.resource.properties
    kinds = frozenset(_kinds(request))
    categories = frozenset(c for c in kinds if c.system == OWN_CATEGORY) or None
    return Data(
        labels=_labels([properties, request.context]),
        categories=categories,
        existence=existence_of(categories) if mode is Mode.EXISTENCE else frozenset(),
        classes=frozenset(c for c in kinds if c.system != OWN_CATEGORY) or None,
        codes=_codes([properties], _CODES, words.code_named),
        period=_span(properties),
        instance=_instance(request),
        related=_names(properties, _RELATED, _RELATED_KINDS),
        authors=_authors(properties),
        custodians=_names(properties, _CUSTODIANS, ("Organization",)),
    )


def _labels(places: Iterable[SeveralProperties]) -> frozenset[Code] | None:
    for place in places:
        meta = next((v for k, v in place.items() if words.plain(k) == "meta"), None)
        nested = [meta] if isinstance(meta, Mapping) else []
        labels = [_codes([one], _LABELS, words.label_named) for one in (place, *nested)]
        known = [found_ for found_ in labels if found_ is not None]
        if known:
            return frozenset[Code]().union(*known)
    return None


def _codes(
    places: Iterable[SeveralProperties], keys: tuple[str, ...], named: Callable[[str], Code]
) -> frozenset[Code] | None:
    known = tuple(places)
    if not is_stated(known, *keys):
        return None
    return frozenset(codes_meant(found(known, *keys), named))


def _kinds(request: EvaluationRequest) -> Iterable[Code]:
    """The classes and categories stated; a category that is no code of a known system is none."""
    properties, kind = request.resource.properties, data_type_of(request)
    if kind is not None:
        yield Code(RESOURCE_TYPES, kind)
    yield from codes_meant(found([properties], *_CLASSES), words.class_named)
    for code in codes_meant(found([properties], *_CATEGORIES), words.class_named):
        if code.system != UNKNOWN_SYSTEM:
            yield code
    own = words.class_named(request.resource.type)
    if own.system == OWN_CATEGORY:
        yield own


def data_type_of(request: EvaluationRequest) -> str | None:
    """The FHIR type of the resource, when it is one piece of data and not a whole record."""
    return words.data_type_named(request.resource.type)


def _instance(request: EvaluationRequest) -> frozenset[Name] | None:
    kind = data_type_of(request)
    if kind is None:
        return None
    stated = found([request.resource.properties], "reference", "identifier")
    return frozenset((*names_meant([request.resource.id], (kind,)), *names_meant(stated)))


def _names(
    properties: SeveralProperties, keys: tuple[str, ...], kinds: tuple[str, ...]
) -> frozenset[Name] | None:
    if not is_stated([properties], *keys):
        return None
    return frozenset(names_meant(found([properties], *keys), kinds))


def _authors(properties: SeveralProperties) -> frozenset[Name] | None:
    """The authors stated; a source of Tell Once stands for its agency."""
    authors = _names(properties, _AUTHORS, _AUTHOR_KINDS)
    sources = {s for s in found([properties], "source") if isinstance(s, str) and s in set(Source)}
    if not sources:
        return authors
    agencies = {identifier_name(OWN_AGENCY, source) for source in sources}
    return (authors or frozenset()) | agencies


def _span(properties: SeveralProperties) -> Span | None:
    for value in found([properties], *_PERIODS):
        if isinstance(value, Mapping):
            return _read(lambda period: span_between(period.get("start"), period.get("end")), value)
        return _read(span_of, value)
    for value in found([properties], *_TIMES):
        return _read(span_of, value)
    return None


def _read(read: Callable[[Any], Span], value: Any) -> Span:
    try:
        return read(value)
    except (TypeError, ValueError, AttributeError, OverflowError):
        raise RequestUnreadableError("resource.properties", "has-a-date-that-is-none") from None


Members = Sequence[tuple[Name, Name]]
"""Pairs of a group (a care team, an organisation) or another name, and who it is said of."""

_PURPOSES = ("purpose", "purposes", "purposeOfUse", "purposesOfUse", "pou")
_PATIENTS = ("patient", "patients", "patientId", "subject", "subjects", "person", "child")
_ROLES = frozenset(Role) | {"auditor"}
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
        roles=frozenset(_roles(request)),
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


def _roles(request: EvaluationRequest) -> Iterator[str]:
    """The roles of ours, in any of which it is said that somebody asks."""
    stated = found([request.subject.properties, request.context], "role", "roles")
    for code in codes_meant(stated, lambda word: Code(OWN_ROLE, word)):
        if code.system == OWN_ROLE and code.code in _ROLES:
            yield code.code


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
