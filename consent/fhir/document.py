"""A FHIR R4 Consent as far as it decides anything."""

from dataclasses import dataclass, field
from enum import StrEnum

from consent.fhir.elements import Name, Span
from consent.fhir.question import ConsentAction, Criterion, CustodianCriterion
from consent.fhir.vocabulary import Code
from consent.question import Effect


class Status(StrEnum):
    """Where a consent is in its life (FHIR R4 code system consent-state-codes)."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    ACTIVE = "active"
    REJECTED = "rejected"
    INACTIVE = "inactive"
    ENTERED_IN_ERROR = "entered-in-error"


@dataclass(frozen=True, slots=True)
class Provision:
    """A rule and its exceptions. Empty: anybody, any purpose, any action, any data, at any time.

    Recipients, purposes, actions and period say to which questions the rule and its exceptions
    apply; the criteria say which data the rule itself is about. No effect: only the exceptions
    say something.
    """

    effect: Effect | None
    period: Span = field(default_factory=Span)
    recipients: frozenset[Name] | None = None
    purposes: frozenset[Code] = frozenset()
    actions: frozenset[ConsentAction] = frozenset()
    criteria: tuple[Criterion, ...] = ()
    custodian: CustodianCriterion | None = None
    exceptions: tuple["Provision", ...] = ()


@dataclass(frozen=True, slots=True)
class ConsentDocument:
    """One consent. `not_understood` names the elements for which it must not be applied."""

    place: str
    status: Status
    scope: str
    patients: frozenset[Name]
    issued: Span
    provision: Provision
    not_understood: tuple[str, ...] = ()
