"""Everything that is held about one person, as it may be handed over: what is withheld says why."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from connectors.publishing.ports import ToldLabel
from consent.lawfulness import Basis
from consent.model import Restriction, SharingDecision
from schemas.identifiers import Identifier, PersonId, RecordKey
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, LabelledCode, Source
from services.people.linking.facts import LinkFacts
from services.people.own_cases.model import OwnDeath


class GivenTo(StrEnum):
    """To whom the report is handed: somebody else who asks for them is told less."""

    PERSON = "person"
    PARENT = "parent"


class WhyWithheld(LabelledCode):
    """Why something is not in the report where it would stand."""

    THIRD_PARTY = "third-party", "Withheld: this is about somebody else"
    RESTRICTED = "restricted", "Withheld: a restriction protects somebody"
    SERIOUS_HARM = "serious-harm", "Withheld: judged to be more detrimental to the child if shared"
    PROTECTED_PLACE = "protected-place", "Withheld: its source protects this place"
    KEPT_BY_FAMILY = "kept-by-family", "Withheld: whoever said this kept it to some"
    NOT_FOR_PARENTS = "not-for-parents", "Withheld: a young person asked that it is not told"
    UNCONFIRMED = "unconfirmed", "Withheld: nobody has confirmed whose words these are"
    PLACE = "place", "Withheld: it tells where somebody is, and this is made for a parent"
    TO_BE_JUDGED = "to-be-judged", "Withheld: somebody has to judge first whether it does harm"


@dataclass(frozen=True, slots=True, repr=False)
class HeldRecord:
    """One record with on what basis it is shared; `record` is None where `withheld` says why.

    Of a record that is there, `parts_withheld` are the elements taken out of it, because they are
    somebody else's.
    """

    key: RecordKey
    source: Source
    category: Category
    as_of: str
    basis: tuple[Basis, ...]
    record: PublishedRecord | None
    withheld: tuple[WhyWithheld, ...] = ()
    parts_withheld: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class HeldDecision:
    """One sharing decision; None where `withheld` says why. It names nobody but the person."""

    decision: SharingDecision | None
    others: int = 0
    withheld: WhyWithheld | None = None


@dataclass(frozen=True, slots=True, repr=False)
class HeldRestriction:
    """One restriction that concerns the person; whom it lets in is not told."""

    restriction: Restriction | None
    withheld: WhyWithheld | None = None


@dataclass(frozen=True, slots=True, repr=False)
class HeldIdentifier:
    """A number of the person, as one source gave it; None where `withheld` says why."""

    source: Source
    identifier: Identifier
    since: datetime
    until: datetime | None
    withheld: WhyWithheld | None = None


@dataclass(frozen=True, slots=True, repr=False)
class LookTaken:
    """Who looked, when, for what, and what was shown; None in `categories` where it is withheld."""

    at: datetime
    who: str
    agency: str
    purpose: str
    permitted: bool
    categories: tuple[Category, ...]
    through: str | None = None
    withheld: WhyWithheld | None = None


@dataclass(frozen=True, slots=True, repr=False)
class HeldFacts:
    """What one source says of who somebody is, kept to tell people apart; None where withheld.

    Where they live is in it and not told here: the records of the source tell that, or withhold it.
    """

    source: Source
    seen_at: datetime
    facts: LinkFacts | None
    withheld: WhyWithheld | None = None


@dataclass(frozen=True, slots=True, repr=False)
class HeldOwnLabel:
    """How one agency knows the person as its own, sealed for it; None where `withheld` says why.

    `deaths` are what its feeds told of a death.
    """

    agency: str
    heard_on: date
    label: ToldLabel | None
    withheld: WhyWithheld | None = None
    deaths: tuple[OwnDeath, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class HeldForDeciding:
    """What is kept to tell who may decide for the person; None where withheld.

    `source` is None for a decider's name as it was typed. Names are somebody else's: that one is
    kept is told, and not which.
    """

    source: Source | None
    seen_at: datetime
    lines: tuple[tuple[str, str], ...] | None
    withheld: WhyWithheld | None = None


class Beside(LabelledCode):
    """What is held of somebody beside their records."""

    REACHED = "reached", "How sources say you are reached"
    VISIT = "visit", "When somebody said that you were with them"
    LET_IN = "let-in", "Who may ask about you, and who asked to"
    WORDS = "words", "What they wrote when they asked"
    ASKED = "asked", "Services that were asked to help you, and what they were told"
    OWN_WORDS = "own-words", "What you wrote on your own page"
    OWN_PAGE = "own-page", "Your own page online, and how it was used"
    OWN_CHOICES = "own-choices", "What you chose and asked for on your own page"


@dataclass(frozen=True, slots=True, repr=False)
class HeldBeside:
    """One of these, from an agency of this kind; without `lines` where `withheld` says why.

    `parts_withheld` are what was taken out of it because it is somebody else's.
    """

    what: Beside
    source: Source
    at: datetime
    lines: tuple[tuple[str, str], ...]
    withheld: tuple[WhyWithheld, ...] = ()
    parts_withheld: tuple[str, ...] = ()


class KeptWhere(LabelledCode):
    """Where a message waits that was not published."""

    KEPT_BACK_STORE = "holding-store", "In the health-visiting agency's own store, sealed"
    PARTNER = "partner", "With the system that sent it; here is only a keyed hash"
    FILE = "file", "In its source's own file; here is only which file"
    OWNER = "owner", "With its owner; here is only a keyed hash"


@dataclass(frozen=True, slots=True)
class WaitingMessages:
    """How many messages that may be about the person wait where, and until when at the latest."""

    source: Source
    where: KeptWhere
    messages: int
    until: datetime | None = None


@dataclass(frozen=True, slots=True, repr=False)
class SubjectAccess:
    """Everything held about one person at one moment; `known_by` are all ids that are theirs.

    `waiting` are the records of messages that were not published, where the agency that has them
    makes the report itself; anybody else is told how many wait (`kept_back`).
    """

    report: str
    person: PersonId
    known_by: tuple[PersonId, ...]
    given_to: GivenTo
    made_at: datetime
    records: tuple[HeldRecord, ...]
    decisions: tuple[HeldDecision, ...]
    restrictions: tuple[HeldRestriction, ...]
    identifiers: tuple[HeldIdentifier, ...]
    looks: tuple[LookTaken, ...]
    kept_back: tuple[WaitingMessages, ...]
    is_erased: bool = False
    waiting: tuple[HeldRecord, ...] = ()
    facts: tuple[HeldFacts, ...] = ()
    own_labels: tuple[HeldOwnLabel, ...] = ()
    deciding: tuple[HeldForDeciding, ...] = ()
    beside: tuple[HeldBeside, ...] = ()

    @property
    def withheld_count(self) -> int:
        """How many things are withheld wholly or in part."""
        marks = (
            *(bool(r.withheld or r.parts_withheld) for r in (*self.records, *self.waiting)),
            *(d.withheld is not None for d in self.decisions),
            *(r.withheld is not None for r in self.restrictions),
            *(i.withheld is not None for i in self.identifiers),
            *(look.withheld is not None for look in self.looks),
            *(one.withheld is not None for one in self.facts),
            *(one.withheld is not None for one in self.own_labels),
            *(one.withheld is not None for one in self.deciding),
            *(bool(one.withheld or one.parts_withheld) for one in self.beside),
        )
        return sum(marks)
