"""What a family wants help with, and next steps: pure, in whatever order records come.

What goes on stands before what is over. A step names its plan only where that plan is shown too.
"""

from collections.abc import Iterable
from dataclasses import replace

from schemas.identifiers import PersonId
from schemas.records.payloads import FactStatus, HelpWanted, NextStep, Plan, WrittenHere
from schemas.records.published import PublishedRecord
from schemas.unchanging import unchanging
from schemas.vocabulary import Category
from services.profile.merging.claims import Provenance, latest_first, provenance_of

_OPEN = frozenset({FactStatus.PLANNED, FactStatus.UNDER_WAY})
_NO_DAY = "9999"


@unchanging(frozen=True, slots=True, repr=False)
class HelpView:
    """Something that a family wants help with; `key` is its record's."""

    key: str
    person: PersonId
    category: Category
    wanted: HelpWanted
    provenance: Provenance

    @property
    def written(self) -> WrittenHere:
        """Who wrote it."""
        return self.wanted.written

    @property
    def is_open(self) -> bool:
        """Whether it waits or is under way."""
        return self.wanted.status in _OPEN


@unchanging(frozen=True, slots=True, repr=False)
class StepView:
    """Something that is to be done next, or was; `key` is its record's."""

    key: str
    person: PersonId
    category: Category
    step: NextStep
    provenance: Provenance

    @property
    def written(self) -> WrittenHere:
        """Who wrote it."""
        return self.step.written

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.step.status in _OPEN

    def is_late(self, today: str) -> bool:
        """Whether its day is gone by and it is not done."""
        return self.is_open and self.step.by is not None and self.step.by < today


def help_wanted(records: Iterable[PublishedRecord]) -> tuple[HelpView, ...]:
    """What is wanted, what waits or is under way first, the latest written first."""
    views = [
        HelpView(record.key, record.persons[0], record.category, wanted, provenance_of(record))
        for record, wanted in latest_first(records).of(HelpWanted)
    ]
    views.sort(key=lambda view: view.wanted.written.at, reverse=True)
    views.sort(key=lambda view: not view.is_open)
    return tuple(views)


def next_steps(records: Iterable[PublishedRecord]) -> tuple[StepView, ...]:
    """Steps, those to be done first, the earliest day first."""
    ordered = latest_first(records)
    plans = {record.key for record, _ in ordered.of(Plan)}
    views = [
        StepView(record.key, record.persons[0], record.category, step, provenance_of(record))
        for record, step in ordered.of(NextStep)
    ]
    shown = [
        view if view.step.plan in plans else replace(view, step=replace(view.step, plan=None))
        for view in views
    ]
    shown.sort(key=lambda view: (not view.is_open, view.step.by or _NO_DAY, view.key))
    return tuple(shown)
