"""Who works with families: who is looking, whom they look for, and whom one can ring."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from schemas.identifiers import PractitionerId
from schemas.records.message import Demographics, Subject
from schemas.vocabulary import IdentifierScheme, Purpose, Role, Source
from services.people.persons.subjects import identifier_of


@dataclass(frozen=True, slots=True)
class SignedInPractitioner:
    """Who is looking. `agency_kind` is a Source code; `purpose` is what they usually look for.

    `also` are the other accounts of theirs: those that one sign-in opens or ever opened.
    """

    id: PractitionerId
    name: str
    role: Role
    job_title: str
    agency_code: str
    agency_name: str
    agency_kind: Source
    purpose: Purpose
    also: frozenset[PractitionerId] = frozenset()

    @property
    def actor(self) -> str:
        """As the ledger names them."""
        return f"practitioner:{self.id}"

    def is_one_with(self, actor: str) -> bool:
        """Whether that, as the ledger names somebody, is this account or another one of theirs."""
        return actor.removeprefix("practitioner:") in {self.id, *self.also}


def is_another_human(one: SignedInPractitioner, other: SignedInPractitioner) -> bool:
    """Whether two accounts are two people.

    Accounts that one sign-in opens or ever opened are one person's, whatever they are called; and
    two of one name may be.
    """
    is_one_account = one.id == other.id or other.id in one.also or one.id in other.also
    return not is_one_account and not is_one_name(one.name, other.name)


def is_one_name(one: str, other: str) -> bool:
    """Whether two names are one, however they are written."""
    return plain_name(one) == plain_name(other)


def plain_name(name: str) -> str:
    """A name without capitals, spaces, hyphens and accents, by which it is compared."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in letters if c.isalnum())


FRESH = timedelta(minutes=5)
"""How long ago somebody showed who they are, at the most, for what asks for it anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in session, a row in the database; `csrf_secret` binds forms to it.

    `signed_in_at` is when it began, `authenticated_at` when its holder last showed who they are to
    `provider`, which is None where people are invented. `accounts` are all that this sign-in
    opens. Conditions of use are accepted until `conditions_until`; None where nobody asks.
    """

    practitioner: SignedInPractitioner
    csrf_secret: bytes
    signed_in_at: datetime
    authenticated_at: datetime
    id: str
    provider: str | None = None
    accounts: tuple[PractitionerId, ...] = ()
    conditions_until: datetime | None = None

    def has_accepted(self, at: datetime) -> bool:
        """Whether the conditions of use are accepted, or none are asked for."""
        return self.conditions_until is None or at < self.conditions_until


def is_fresh(authenticated_at: datetime, at: datetime) -> bool:
    """Whether somebody showed who they are so lately that it is them now."""
    return timedelta() <= at - authenticated_at <= FRESH


@dataclass(frozen=True, slots=True, repr=False)
class SubjectEntry:
    """A person as somebody writes them on a form: one identifier, and a date of birth."""

    scheme: IdentifierScheme
    value: str
    date_of_birth: date


def subject_of(entry: SubjectEntry) -> Subject:
    """Whom somebody wrote on a form, to be looked up."""
    return Subject(
        "subject",
        (identifier_of(entry.scheme, entry.value),),
        Demographics(date_of_birth=entry.date_of_birth.isoformat()),
    )


@dataclass(frozen=True, slots=True)
class AgencyToRing:
    """An agency that may know which is right."""

    name: str
    telephone: str | None


@dataclass(frozen=True, slots=True)
class SourceToRing:
    """The agencies behind what one source says: those that work with the person, else all."""

    source: Source
    agencies: tuple[AgencyToRing, ...]


@dataclass(frozen=True, slots=True)
class Directory:
    """What is known of workers and agencies beside the records: names, numbers, and hours.

    `schools` are names and telephone numbers by a school's own number, of either sort.
    """

    workers: Mapping[str, tuple[str, str, str | None]]
    telephones: Mapping[str, str]
    hours: Mapping[str, str] = field(default_factory=dict)
    schools: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heard:
    """When a source was last heard from, and since when it fails, if it does."""

    at: datetime | None
    failing_since: datetime | None


LastHeard = Mapping[Source, Heard]
