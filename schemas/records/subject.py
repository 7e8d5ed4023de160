"""Whom a message is about, as its source knows them."""

from dataclasses import dataclass, field

from schemas.identifiers import Identifier


@dataclass(frozen=True, slots=True, repr=False)
class Demographics:
    """What tells one person from another besides numbers; dates as YYYY-MM-DD.

    `placeholder_name` is true for "Baby SMITH" and the like: such a name never links.
    """

    family_name: str | None = None
    given_names: tuple[str, ...] = ()
    date_of_birth: str | None = None
    postcode: str | None = None
    placeholder_name: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Subject:
    """A person in a message. `ref` is unique in the message and means nothing outside it."""

    ref: str
    identifiers: tuple[Identifier, ...] = ()
    demographics: Demographics = field(default_factory=Demographics)
