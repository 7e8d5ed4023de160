"""Who is looking, and whom they look for."""

from dataclasses import dataclass
from datetime import date

from schemas.identifiers import PractitionerId
from schemas.vocabulary import IdentifierScheme, Purpose, Role, Source


@dataclass(frozen=True, slots=True)
class SignedInPractitioner:
    """Who is looking. `agency_kind` is a Source code; `purpose` is what they usually look for."""

    id: PractitionerId
    name: str
    role: Role
    job_title: str
    agency_code: str
    agency_name: str
    agency_kind: Source
    purpose: Purpose


@dataclass(frozen=True, slots=True, repr=False)
class SubjectEntry:
    """A person as somebody writes them on a form: one identifier, and a date of birth."""

    scheme: IdentifierScheme
    value: str
    date_of_birth: date
