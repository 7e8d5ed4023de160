"""What stands above a family's pages: reference, name, tags, sub-pages; or why nothing is shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from consent.question import Reason
from schemas.records.payloads import FactStatus
from schemas.vocabulary import Purpose
from services.portal.frame.addresses import FamilyAddresses
from services.portal.frame.addresses_services import ServiceAddresses
from services.portal.words.cards import (
    ADDRESS_PROTECTED,
    COULD_NOT_BE_READ,
    SHARED_UNDER_DUTY,
    Tag,
)
from services.portal.words.codes import PARENTS_TAG, language_in_words
from services.portal.words.people import (
    birth_in_words,
    death_in_words,
    expected_in_words,
    leads,
    record_reference,
    short_name,
    telephone_link,
)
from services.portal.words.statuses import plan_tag
from services.profile.families import BeforeContact
from services.profile.merging.early import is_early
from services.profile.model import PlanView, Profile, ProfileRefused

_MOST_TAGS = 4
_MOST_ON_A_PHONE = 2


class FamilyPage(StrEnum):
    """A page of a family, by the words its link has."""

    OVERVIEW = "Overview"
    STORY = "Their story"
    TIMELINE = "Timeline"
    EARLY = "From pregnancy to two"
    PEOPLE = "People and support"
    CONSENT = "Sharing"
    SERVICES = "Services asked"
    WHO_HAS_LOOKED = "Who has looked"


@dataclass(frozen=True, slots=True)
class SubPage:
    """A link of the sub-navigation."""

    text: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True, repr=False)
class LeadWorker:
    """Who leads for the child, by a source's word; `href` is None of what cannot be touched."""

    who: str
    telephone: str | None
    href: str | None


@dataclass(frozen=True, slots=True, repr=False)
class RecordHeader:
    """The header: name and birth as far as whoever looks may know them, on every page.

    `death` says that they have died, or that it is reported; it stands before all else.
    """

    reference: str
    name: str | None
    born: str | None
    death: str | None
    tags: tuple[Tag, ...]
    more_tags: int
    pages: tuple[SubPage, ...]
    lead: LeadWorker | None = None

    @property
    def more_on_a_phone(self) -> int:
        """How many tags a telephone has no room for in its first screen."""
        return max(0, len(self.tags) + self.more_tags - _MOST_ON_A_PHONE)


@dataclass(frozen=True, slots=True)
class PurposeBar:
    """For what purpose the page was read, and what else may be chosen."""

    purpose: Purpose
    choices: tuple[Purpose, ...]


def record_header(
    addresses: FamilyAddresses,
    current: FamilyPage,
    known: BeforeContact,
    today: date,
    profile: Profile | None = None,
) -> RecordHeader:
    """Make the header of a family's page; `known` is what may be known of whose record it is."""
    tags = _tags(profile) if profile else ()
    return RecordHeader(
        reference=record_reference(addresses.person),
        name=known.name,
        born=_born(known, today),
        death=None if known.death is None else death_in_words(known.death),
        tags=tags[:_MOST_TAGS],
        more_tags=max(0, len(tags) - _MOST_TAGS),
        pages=tuple(_pages(addresses, current, _left_out(current, known, today, profile))),
        lead=None if current is FamilyPage.OVERVIEW else _lead(known),
    )


def _lead(known: BeforeContact) -> LeadWorker | None:
    """The first who leads for the child now; the overview names them among whom to ring."""
    for view in known.workers:
        if view.is_current and leads(view):
            who = ", ".join(part for part in (view.practitioner_name, view.agency_name) if part)
            number = view.telephone
            return LeadWorker(who or view.service, number, telephone_link(number or ""))
    return None


def known_of(profile: Profile) -> BeforeContact:
    """What the header says of whose profile it is."""
    child = profile.people[0]
    born, expected = child.date_of_birth, child.expected_date_of_birth
    workers = tuple(view for view in profile.practitioners if view.person == profile.child)
    return BeforeContact(short_name(child), born, child.death, expected, workers)


def _born(known: BeforeContact, today: date) -> str | None:
    if known.date_of_birth is None:
        return expected_in_words(known.expected, today) if known.expected else None
    return f"Born {birth_in_words(known.date_of_birth, today, death=known.death)}"


def purpose_bar(purpose: Purpose) -> PurposeBar:
    """Offer the purposes of working with a family, and the one in use whatever it is."""
    usual = (Purpose.EARLY_HELP, Purpose.DIRECT_CARE, Purpose.SAFEGUARDING)
    return PurposeBar(purpose, usual if purpose in usual else (*usual, purpose))


_EARLY = frozenset({FamilyPage.EARLY})
_NOT_IN_AN_EMERGENCY = _EARLY | {
    *(FamilyPage.STORY, FamilyPage.TIMELINE, FamilyPage.PEOPLE, FamilyPage.SERVICES),
}


def _left_out(
    current: FamilyPage, known: BeforeContact, today: date, profile: Profile | None
) -> frozenset[FamilyPage]:
    """Pages that are not offered: those of a young child for who is none, unless one is on it."""
    if profile is not None and profile.is_by_emergency_alone:
        return _NOT_IN_AN_EMERGENCY
    is_offered = current is FamilyPage.EARLY or (
        known.death is None and is_early(known.date_of_birth, known.expected, today)
    )
    return frozenset() if is_offered else _EARLY


def _pages(
    addresses: FamilyAddresses, current: FamilyPage, left_out: frozenset[FamilyPage]
) -> Iterator[SubPage]:
    hrefs = {
        FamilyPage.OVERVIEW: addresses.overview,
        FamilyPage.STORY: addresses.story,
        FamilyPage.TIMELINE: addresses.timeline,
        FamilyPage.EARLY: addresses.early,
        FamilyPage.PEOPLE: addresses.people,
        FamilyPage.CONSENT: addresses.consent,
        FamilyPage.SERVICES: ServiceAddresses(addresses).all,
        FamilyPage.WHO_HAS_LOOKED: addresses.who_has_looked,
    }
    for page, href in hrefs.items():
        if page not in left_out:
            yield SubPage(page.value, href, page is current)


def _tags(profile: Profile) -> tuple[Tag, ...]:
    tags: list[Tag] = []
    if any(status.unread is not None and status.unread.urgent for status in profile.sources):
        tags.append(COULD_NOT_BE_READ)
    if profile.parents_are_not_told:
        tags.append(PARENTS_TAG)
    if profile.shared_under_duty:
        tags.append(SHARED_UNDER_DUTY)
    if profile.location_protected:
        tags.append(ADDRESS_PROTECTED)
    tags.extend(Tag(_plan(v), "orange") for v in profile.plans if v.is_current)
    tags.extend(
        Tag(_interpreter(v.needs.languages, v.needs.whose), "blue")
        for v in (*profile.communication, *profile.communication_of_others)
        if v.needs.interpreter_needed
    )
    return tuple(dict.fromkeys(tags))


def _plan(view: PlanView) -> str:
    """The plan's title, and how far it is in force where that is not without question."""
    if view.status is FactStatus.HOLDS:
        return view.plan.title
    return f"{view.plan.title}: {plan_tag(view).text.lower()}"


def _interpreter(languages: tuple[str, ...], whose: str | None) -> str:
    spoken = ", ".join(language_in_words(code) for code in languages)
    needed = "Interpreter needed" if whose is None else f"{whose}: interpreter needed"
    return f"{needed}: {spoken}" if spoken else needed


# Why nothing is shown, without a hint of whether there is anything.

NO_RIGHT = "There is no recorded right to show you anything here."

# What may be told to somebody who works with the family. Anything else, even beside these, would
# hint at a record that the reader may not know of: then the answer is always the same.
_MAY_BE_TOLD = frozenset(
    {
        Reason.NO_DECISION,
        Reason.NOT_ASKED,
        Reason.EXPIRED,
        Reason.WITHDRAWN,
        Reason.REFUSED,
        Reason.OBJECTED,
        Reason.POLICY_DENIES,
        Reason.ROLE_OPENS_NO_RECORDS,
    }
)

# Whoever is told one of these is told it on the pages for decisions too.
_CLOSES_ALL = frozenset({Reason.NO_RELATIONSHIP, Reason.RESTRICTED, Reason.ROLE_OPENS_NO_RECORDS})


def decisions_are_open(refused: ProfileRefused) -> bool:
    """Whether who was refused the record may still see and record what its family decides."""
    return bool(refused.reasons) and _CLOSES_ALL.isdisjoint(refused.reasons)


def why_refused(refused: ProfileRefused) -> tuple[str, ...]:
    """Give the sentences of the refusal."""
    if refused.reasons and _MAY_BE_TOLD.issuperset(refused.reasons):
        return tuple(reason.label for reason in refused.reasons)
    return (NO_RIGHT,)
