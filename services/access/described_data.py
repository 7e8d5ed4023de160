"""What a request says of the data it is about.

- Labels: `labels`, `security_label`, `security`, `sensitivity`, `confidentiality` or
  `meta.security` in `resource.properties`, else in `context`; an empty list says there is none.
- Kind: a `resource.type` that is a FHIR type, and `class`, `resource_type`, `profile`, `category`.
- The data itself: `resource.type` and `resource.id`; `code`; `author`, `performer`; `encounter`,
  `related` and other references; `custodian`; `date`, `effective`, `period` and other times.

Of what is not described nothing is assumed: what a consent limits then becomes an obligation.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from consent.fhir_consent.codes import (
    OWN_AGENCY,
    OWN_CATEGORY,
    RESOURCE_TYPES,
    UNKNOWN_SYSTEM,
    Code,
)
from consent.fhir_consent.provision_written import existence_of
from consent.fhir_consent.question import Data
from consent.fhir_consent.references import Name, identifier_name
from consent.fhir_consent.times import Span, span_between, span_of
from consent.model import Mode
from schemas.vocabulary import Source
from services.access import words
from services.access.authzen import EvaluationRequest
from services.access.errors import RequestUnreadableError
from services.access.looking import Properties, codes_meant, found, is_stated, names_meant

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


def _labels(places: Iterable[Properties]) -> frozenset[Code] | None:
    for place in places:
        meta = next((v for k, v in place.items() if words.plain(k) == "meta"), None)
        nested = [meta] if isinstance(meta, Mapping) else []
        labels = [_codes([one], _LABELS, words.label_named) for one in (place, *nested)]
        known = [found_ for found_ in labels if found_ is not None]
        if known:
            return frozenset[Code]().union(*known)
    return None


def _codes(
    places: Iterable[Properties], keys: tuple[str, ...], named: Callable[[str], Code]
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
    properties: Properties, keys: tuple[str, ...], kinds: tuple[str, ...]
) -> frozenset[Name] | None:
    if not is_stated([properties], *keys):
        return None
    return frozenset(names_meant(found([properties], *keys), kinds))


def _authors(properties: Properties) -> frozenset[Name] | None:
    """The authors stated; a source of Tell Once stands for its agency."""
    authors = _names(properties, _AUTHORS, _AUTHOR_KINDS)
    sources = {s for s in found([properties], "source") if isinstance(s, str) and s in set(Source)}
    if not sources:
        return authors
    agencies = {identifier_name(OWN_AGENCY, source) for source in sources}
    return (authors or frozenset()) | agencies


def _span(properties: Properties) -> Span | None:
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
