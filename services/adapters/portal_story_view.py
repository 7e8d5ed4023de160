"""What one practitioner may read of a family's story, in the transaction that changes it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from schemas.identifiers import PersonId
from schemas.records.payloads import Involvement, Payload, StoryEntry
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Purpose
from services.adapters.portal_orders import reading_order
from services.adapters.unit_of_work import UnitOfWork
from services.aggregation.profile import ProfileRefused
from services.aggregation.reach import family_of
from services.aggregation.stored import StoredRecord
from services.aggregation.stories import entries_in_chain, story
from services.aggregation.story_views import StoryView
from services.aggregation.viewing import Viewing, view_family
from services.portal.people import SignedInPractitioner


@dataclass(frozen=True)
class StoryVisit:
    """A practitioner, a family and a purpose; nothing is opened that `decide` does not permit."""

    work: UnitOfWork
    viewing: Viewing
    found: Sequence[StoredRecord]

    @classmethod
    def of(
        cls, who: SignedInPractitioner, person: PersonId, purpose: Purpose, work: UnitOfWork
    ) -> "StoryVisit":
        """Open the family for this purpose."""
        viewing, found = view_family(
            reading_order(who, person, purpose),
            at=work.now,
            records=work.records,
            decisions=work.decisions,
            case_loads=work.case_loads,
        )
        return cls(work, viewing, found)

    @property
    def child(self) -> PersonId:
        """Whose page it is, by the id known outside."""
        return self.viewing.command.person

    @property
    def refused(self) -> ProfileRefused | None:
        """Why the practitioner has nothing to do with this family, if so."""
        reasons = self.viewing.refusal()
        return None if reasons is None else ProfileRefused(reasons, self.viewing.policy_version)

    @cached_property
    def readable(self) -> Sequence[StoredRecord]:
        """Every record of the family that the practitioner may read now, sealed.

        Somebody whom the page does not show, as another child of a foster carer, is none of it.
        """
        permitted = [record for record in self.found if self.viewing.ask(record).is_permitted]
        family = family_of(self.child, self.work.records.open(permitted))
        return [record for record in permitted if record.persons[0] in family]

    @cached_property
    def records(self) -> Mapping[str, PublishedRecord]:
        """The records of the story by their keys, opened, under the ids they are stored under."""
        sealed = {r.key: r for r in self.readable if r.category is Category.STORY}
        return {
            record.key: _as_stored(record, sealed[record.key])
            for record in self.work.records.open(list(sealed.values()))
            if record.key in sealed
        }

    @cached_property
    def entries(self) -> Mapping[str, StoryView]:
        """What the family said, by key, with what was said of it later."""
        return {view.key: view for view in story(self.records.values())}

    def chain_of(self, entry: str) -> Sequence[PublishedRecord]:
        """The entry's record with those that correct it or are corrected by it."""
        corrects = {
            key: said.corrects
            for key, record in self.records.items()
            if isinstance(said := record.payload, StoryEntry)
        }
        chain = entries_in_chain([entry], corrects)
        return [self.records[key] for key in sorted(chain) if key in self.records]

    def knows_of(self, persons: Collection[PersonId]) -> bool:
        """Whether some record that the practitioner may read is about each of them."""
        return {p for record in self.readable for p in record.persons}.issuperset(persons)

    def workers(self) -> frozenset[str]:
        """By their agencies' own ids, those who are shown to work with the family."""
        said: list[Payload | None] = [r.payload for r in self.work.records.open(self.readable)]
        return frozenset(
            p.practitioner_ref for p in said if isinstance(p, Involvement) and p.practitioner_ref
        )


def _as_stored(record: PublishedRecord, sealed: StoredRecord) -> PublishedRecord:
    """A later version of it has to lie where the first one does.

    Whom it is kept to may have become fewer than when it was sealed.
    """
    persons = (sealed.stored_under, *record.persons[1:])
    return replace(record, persons=persons, kept_to=sealed.kept_to)
