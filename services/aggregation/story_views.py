"""The family's story as one practitioner may see it."""

from dataclasses import dataclass

from schemas.identifiers import PersonId
from schemas.kept_to import NOT_KEPT, KeptTo
from schemas.records.payloads import StoryConfirmation, StoryEntry


@dataclass(frozen=True, slots=True)
class StoryScope:
    """Whom an entry is about, or would be, and whom the family keeps it to."""

    about: tuple[PersonId, ...]
    kept_to: frozenset[KeptTo] = NOT_KEPT


@dataclass(frozen=True, slots=True, repr=False)
class StoryCorrection:
    """That another entry stands in the place of this one: which, and who wrote it down when."""

    key: str
    told_by: str
    written_by: str
    written_at: str


@dataclass(frozen=True, slots=True, repr=False)
class StoryView:
    """An entry with what was said of it later, the latest first.

    It is about the persons in `about`, the one whose record it is first. An entry that was
    corrected is shown struck through with every correction of it, never left out.
    """

    key: str
    entry: StoryEntry
    corrections: tuple[StoryCorrection, ...] = ()
    confirmations: tuple[StoryConfirmation, ...] = ()
    about: tuple[PersonId, ...] = ()
    kept_to: frozenset[KeptTo] = NOT_KEPT

    @property
    def corrected_by(self) -> str | None:
        """The entry that stands in its place, the latest if there are several."""
        return self.corrections[0].key if self.corrections else None

    @property
    def scope(self) -> StoryScope:
        """All on which it depends who may read it."""
        return StoryScope(self.about, self.kept_to)
