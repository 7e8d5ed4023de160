"""The resources that we publish, as types: what fits one of them is valid FHIR R4.

They take less than FHIR does: the elements that our mapping writes, words without a line end, days
that are on every calendar. So a resource that fits need not be shown to FHIR's own models, which
take hundreds of times as long; what does not fit is theirs to judge (`validation`), and it may
well be valid. A property test holds these types against the models. Source: FHIR R4, the
definitions of each resource and section 2.24.0, data types.
"""

from typing import Annotated, Any, Literal, TypeAlias

import orjson
from msgspec import UNSET, Meta, Struct, UnsetType, ValidationError, field
from msgspec.json import Decoder

# The forms of values.

_DAY = (
    "(?:19|20)[0-9]{2}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    "|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
_PART = "(?:19|20)[0-9]{2}(?:-(?:0[1-9]|1[0-2]))?"
_ZONE = "(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])"
_CLOCK = rf"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{{1,6}})?{_ZONE}"

Text: TypeAlias = str
"""Of which `_are_plain` has looked at every one."""
Uri: TypeAlias = Annotated[str, Meta(pattern=r"\A[^ ]+\Z")]
Opaque: TypeAlias = Annotated[str, Meta(pattern=r"\A[0-9a-f]{32}\Z")]
Day: TypeAlias = Annotated[str, Meta(pattern=rf"\A(?:{_DAY}|{_PART})\Z")]
Time: TypeAlias = Annotated[str, Meta(pattern=rf"\A(?:{_DAY}(?:{_CLOCK})?|{_PART})\Z")]
Instant: TypeAlias = Annotated[str, Meta(pattern=rf"\A{_DAY}{_CLOCK}\Z")]
VersionId: TypeAlias = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9.-]{1,64}\Z")]
Order: TypeAlias = Annotated[int, Meta(ge=0, le=2**31 - 1)]


# The data types.


class _Element(Struct, forbid_unknown_fields=True, rename="camel", gc=False):
    pass


class Reference(_Element):
    """To one of our persons, or to a record of theirs."""

    reference: Annotated[str, Meta(pattern=r"\A(?:Patient|Communication)/[0-9a-f]{32}\Z")]


class FhirIdentifier(_Element):
    """A number or key, and whose."""

    system: Uri
    value: Text


class NamedReference(_Element):
    """Somebody, or some agency, by display and identifier."""

    display: Text | UnsetType = UNSET
    identifier: FhirIdentifier | UnsetType = UNSET


class FhirPeriod(_Element):
    """From when until when."""

    start: Time | UnsetType = UNSET
    end: Time | UnsetType = UNSET


class FhirCoding(_Element):
    """A code of some system."""

    code: Text
    system: Uri | UnsetType = UNSET
    display: Text | UnsetType = UNSET


class Concept(_Element):
    """Codes, words or both."""

    coding: list[FhirCoding] | UnsetType = UNSET
    text: Text | UnsetType = UNSET


class Extension(_Element):
    """One of our own, which has one value."""

    url: Uri
    value_string: Text | UnsetType = UNSET
    value_code: Text | UnsetType = UNSET
    value_boolean: bool | UnsetType = UNSET
    value_integer: Order | UnsetType = UNSET
    value_date: Day | UnsetType = UNSET
    value_reference: Reference | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Of value[x] there is one."""
        _refuse_unless_one(
            self.value_string,
            self.value_code,
            self.value_boolean,
            self.value_integer,
            self.value_date,
            self.value_reference,
        )


class ContactPoint(_Element):
    """A telephone number or an address for messages."""

    system: Literal["phone", "fax", "email", "pager", "url", "sms", "other"]
    value: Text
    use: Literal["old"] | UnsetType = UNSET
    period: FhirPeriod | UnsetType = UNSET


class FhirAddress(_Element):
    """A postal address."""

    use: Literal["home", "work", "temp", "old", "billing"] | UnsetType = UNSET
    line: list[Text] | UnsetType = UNSET
    postal_code: Text | UnsetType = UNSET
    period: FhirPeriod | UnsetType = UNSET
    extension: list[Extension] | UnsetType = UNSET


class HumanName(_Element):
    """A name, in parts or as text."""

    use: Literal["official", "temp", "nickname", "old"] | UnsetType = UNSET
    family: Text | UnsetType = UNSET
    given: list[Text] | UnsetType = UNSET
    text: Text | UnsetType = UNSET


class ResourceMeta(_Element):
    """Where a record comes from, in which version, of which kind."""

    last_updated: Instant
    version_id: VersionId
    source: Uri
    profile: list[Uri]
    tag: list[FhirCoding]
    security: list[FhirCoding] | UnsetType = UNSET


class FhirWords(_Element):
    """A concept that is nothing but words."""

    text: Text


class SpokenLanguage(_Element):
    """A language that somebody speaks."""

    language: FhirWords


# The resources, each by the name of its type.


class _Resource(_Element, tag_field="resourceType", tag=str):
    id: Opaque
    meta: ResourceMeta


class Patient(_Resource, kw_only=True):
    """Name, birth and death; or addresses; or languages."""

    identifier: list[FhirIdentifier]
    extension: list[Extension] | UnsetType = UNSET
    name: list[HumanName] | UnsetType = UNSET
    birth_date: Day | UnsetType = UNSET
    gender: Literal["male", "female", "other", "unknown"] | UnsetType = UNSET
    deceased_date_time: Time | UnsetType = UNSET
    deceased_boolean: bool | UnsetType = UNSET
    multiple_birth_integer: Order | UnsetType = UNSET
    address: list[FhirAddress] | UnsetType = UNSET
    telecom: list[ContactPoint] | UnsetType = UNSET
    communication: list[SpokenLanguage] | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Of deceased[x] there is at most one."""
        if self.deceased_date_time is not UNSET and self.deceased_boolean is not UNSET:
            raise ValueError("deceased twice")


class RelatedPerson(_Resource, kw_only=True):
    """A relationship."""

    patient: Reference
    extension: list[Extension] | UnsetType = UNSET
    relationship: list[Concept] | UnsetType = UNSET
    name: list[HumanName] | UnsetType = UNSET
    telecom: list[ContactPoint] | UnsetType = UNSET
    address: list[FhirAddress] | UnsetType = UNSET
    period: FhirPeriod | UnsetType = UNSET
    communication: list[SpokenLanguage] | UnsetType = UNSET


class Participant(_Element):
    """Who works with somebody, and as what."""

    role: list[FhirWords] | UnsetType = UNSET
    member: NamedReference | UnsetType = UNSET


class CareTeam(_Resource, kw_only=True):
    """An involvement."""

    subject: Reference
    extension: list[Extension] | UnsetType = UNSET
    name: Text | UnsetType = UNSET
    category: list[FhirWords] | UnsetType = UNSET
    period: FhirPeriod | UnsetType = UNSET
    participant: list[Participant] | UnsetType = UNSET
    managing_organization: list[NamedReference] | UnsetType = UNSET
    telecom: list[ContactPoint] | UnsetType = UNSET


class ObservationComponent(_Element):
    """A detail of what happened."""

    code: FhirWords
    value_string: Text | UnsetType = UNSET


class Observation(_Resource, kw_only=True):
    """An occurrence."""

    status: Literal[
        "registered", "preliminary", "final", "cancelled", "entered-in-error", "unknown"
    ]
    code: Concept
    subject: Reference
    extension: list[Extension] | UnsetType = UNSET
    category: list[Concept] | UnsetType = UNSET
    effective_period: FhirPeriod | UnsetType = UNSET
    value_string: Text | UnsetType = UNSET
    component: list[ObservationComponent] | UnsetType = UNSET


class CarePlan(_Resource, kw_only=True):
    """A plan."""

    status: Literal[
        "draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"
    ]
    intent: Literal["plan"]
    subject: Reference
    extension: list[Extension] | UnsetType = UNSET
    title: Text | UnsetType = UNSET
    category: list[Concept] | UnsetType = UNSET
    period: FhirPeriod | UnsetType = UNSET
    author: NamedReference | UnsetType = UNSET


class HeldReference(_Element):
    """To what the resource itself holds."""

    reference: Literal["#request"]


class HeldRequest(_Element, tag_field="resourceType", tag="ServiceRequest", kw_only=True):
    """What was asked of a service: it lies in the Task that is to fulfil it."""

    id: Literal["request"]
    status: Literal["active", "completed", "revoked"]
    intent: Literal["order"]
    category: list[Concept]
    subject: Reference
    authored_on: Time
    requester: NamedReference
    performer: list[NamedReference]


class TaskOutput(_Element):
    """What came of a task."""

    type: FhirWords
    value_date: Day | UnsetType = UNSET
    value_string: Text | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Of value[x] there is one."""
        _refuse_unless_one(self.value_date, self.value_string)


class Task(_Resource, kw_only=True):
    """What came of asking a service; a next step, whose intent is another, is written freely."""

    contained: list[HeldRequest]
    status: Literal["accepted", "rejected", "in-progress", "completed", "failed", "cancelled"]
    intent: Literal["order"]
    code: Concept
    focus: HeldReference
    whom: Reference = field(name="for")
    authored_on: Time
    last_modified: Time
    requester: NamedReference
    business_status: Concept
    status_reason: Concept | UnsetType = UNSET
    owner: NamedReference | UnsetType = UNSET
    output: list[TaskOutput] | UnsetType = UNSET
    extension: list[Extension] | UnsetType = UNSET


class Basic(_Resource, kw_only=True):
    """A removal, or the clearing of a scope."""

    code: FhirWords
    identifier: list[FhirIdentifier]
    extension: list[Extension] | UnsetType = UNSET


_UNWANTED = (b"\\", b'""', b'" ', b' "', b"  ", b"\x7f")
_Published: TypeAlias = Patient | RelatedPerson | CareTeam | Observation | CarePlan | Task | Basic
_PUBLISHED = Decoder(list[_Published])


def are_as_we_publish(resources: list[dict[str, Any]]) -> bool:
    """Whether each fits the type of its name; what families and practitioners write fits none."""
    try:
        json = orjson.dumps(resources)
        return _are_plain(json) and bool(_PUBLISHED.decode(json))
    except (TypeError, ValidationError):
        return False


def _are_plain(json: bytes) -> bool:
    """Whether every text says something, and has no white space but single blanks between words.

    Each pattern is a call for each value, and this is one look at all of them: in JSON as orjson
    writes it a blank beside a quotation mark begins or ends a text, and what cannot be printed is
    escaped or no ASCII.
    """
    if any(unwanted in json for unwanted in _UNWANTED):
        return False
    return json.isascii() or json.decode().isprintable()


def _refuse_unless_one(*values: object) -> None:
    if sum(value is not UNSET for value in values) != 1:
        raise ValueError("not one value")
