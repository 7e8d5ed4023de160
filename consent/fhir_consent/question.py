"""What consents are asked: who wants what data about whom, why, to do what, and when."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from consent.fhir_consent.codes import Code
from consent.fhir_consent.references import Name
from consent.fhir_consent.times import Span
from consent.model import Mode


class Action(StrEnum):
    """What may be done (FHIR R4 code system consentaction)."""

    COLLECT = "collect"
    ACCESS = "access"
    USE = "use"
    DISCLOSE = "disclose"
    CORRECT = "correct"


@dataclass(frozen=True, slots=True)
class Data:
    """What the asker says of the data. None: not said, so that it is left to be enforced.

    `labels` are security labels; `categories` and `sources` those of Tell Once itself; `related`
    are the resources that it refers to or that refer to it; `existence` says of which categories it
    is only asked whether there is anything, and is empty where the data itself is wanted.
    """

    labels: frozenset[Code] | None = None
    categories: frozenset[Code] | None = None
    existence: frozenset[Code] | None = frozenset()
    classes: frozenset[Code] | None = None
    codes: frozenset[Code] | None = None
    period: Span | None = None
    instance: frozenset[Name] | None = None
    related: frozenset[Name] | None = None
    authors: frozenset[Name] | None = None
    custodians: frozenset[Name] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question. What is not said is empty, and nothing that needs it is permitted."""

    at: datetime
    patients: frozenset[Name] = frozenset()
    actors: frozenset[Name] = frozenset()
    purposes: frozenset[Code] = frozenset()
    actions: frozenset[Action] = frozenset()
    scope: str | None = None
    mode: Mode = Mode.CONTENT
    data: Data = field(default_factory=Data)
