"""What a health visitor's page says of one message, merged and written without a database."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from schemas.identifiers import PersonId, RecordKey
from schemas.records.message import SourceMessage
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Action
from services.people.practitioners.people import Directory
from services.portal.family.overview import TimelineItem, timeline_items
from services.portal.family.support import SupportView, support_of
from services.portal.frame.addresses import FamilyAddresses
from services.portal.words.cards import Card
from services.profile.merging import sections
from services.profile.merging.households import family_sections
from services.profile.model import Profile
from tests.support.portal.portal_builders import a_practitioner, a_profile
from tests.support.reading import nems, the_message

READ_ON = datetime(2026, 11, 30, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Shown:
    """A family's page: the profile, people and support, and everything on both in one text."""

    profile: Profile
    support: SupportView
    text: str

    def card(self, heading: str) -> str:
        """All that stands on the card of one person."""
        found = [card for card in self.support.people if card.heading == heading]
        return " | ".join(_words_of(card) for card in found)

    @property
    def child(self) -> str:
        """All that stands on the child's own card."""
        return _words_of(self.support.people[0])


def shown(data: bytes, *, on: datetime = READ_ON) -> Shown:
    """What a page says of the child of this message when everything may be shared."""
    return shown_of(the_message(nems, data), on=on)


def shown_of(message: SourceMessage, *, on: datetime = READ_ON) -> Shown:
    """The same for a message that was read already."""
    persons = {s.ref: PersonId(f"person-{n}") for n, s in enumerate(message.subjects)}
    child, today = persons[message.subjects[0].ref], on.date().isoformat()
    records = [
        PublishedRecord(
            RecordKey(record.source_id),
            message.source,
            record.category,
            tuple(persons[ref] for ref in record.subjects),
            message.version.sort_key,
            record.payload,
            labels=record.labels,
        )
        for record in message.records
        if record.action is Action.UPSERT
    ]
    family = family_sections(records, child, (), today)
    profile = replace(
        a_profile(child),
        as_of=on,
        people=family.people,
        relatives=family.relatives,
        kin=family.kin,
        households=family.households,
        practitioners=sections.practitioners(records, Directory({}, {}), today),
        communication=sections.communication(records),
        communication_of_others=sections.communication_of_others(records),
        timeline=sections.timeline(records),
        plans=sections.plans(records, today),
    )
    support = support_of(profile, FamilyAddresses(child), a_practitioner())
    items = timeline_items(profile)
    text = " | ".join((*map(_words_of, (*support.people, *support.plans)), *_said(support)))
    return Shown(profile, support, " | ".join((text, *(_words_of_item(item) for item in items))))


def _said(support: SupportView) -> list[str]:
    groups = {
        "now": support.practitioners,
        "planned": support.planned_practitioners,
        "before": support.past_practitioners,
    }
    return [
        f"{group}: {line.service}, {line.who}, {line.agency}, {line.telephone}, {line.when}"
        for group, lines in groups.items()
        for line in lines
    ]


def _words_of(card: Card) -> str:
    rows = (
        f"{row.label}: {'; '.join(fact.text for fact in row.facts)}"
        + "".join(f" (before: {fact.text})" for fact in row.past)
        for row in card.rows
    )
    return ", ".join((card.heading, *(f"[{tag.text}]" for tag in card.tags), *rows))


def _words_of_item(item: TimelineItem) -> str:
    tags = [f"[{tag.text}]" for tag in item.tags]
    return ", ".join((item.title, item.when, *tags, *(f"{k}: {v}" for k, v in item.details)))
