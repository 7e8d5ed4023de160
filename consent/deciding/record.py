"""What is on record, made ready for many questions about the same persons.

The rules are asked of this and of nothing else (consent.deciding.decide). What does not depend
on the question is worked out once: which decisions count at a moment, what each of them says then,
whom they name, which agreement is in force. Each part is made when the first question needs it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from consent.agreement import Agency, Agreement, in_force
from consent.deciding.standing import Saying, Standing, sayings_at
from consent.model import Exclusion, Restriction
from consent.question import AccessRequest, Naming, OnRecord
from schemas.identifiers import PersonId
from schemas.records.published import KeptTo, categories_in, recipients_in
from schemas.vocabulary import Category, Label, Purpose

POLICY_VERSION = "rules-2026-11-29"
_NO_AGREEMENT = "no-agreement"

_NOBODY = frozenset[Agency]()
Subjects = tuple[PersonId, ...]


def policy_version(agreement: Agreement | None = None) -> str:
    """The rules, and the agreement in force with them, by which something is decided."""
    return f"{POLICY_VERSION}+{_NO_AGREEMENT if agreement is None else agreement.version}"


class CompiledRecord:
    """Everything on record about some persons; it MUST NOT change while this is in use."""

    __slots__ = ("_moments", "_on_record")

    def __init__(self, on_record: OnRecord) -> None:
        """Take what is on record; nothing is worked out yet."""
        self._on_record = on_record
        self._moments: dict[datetime, Moment] = {}

    def at(self, time: datetime) -> "Moment":
        """What was on record at that time, which must be aware."""
        moment = self._moments.get(time)
        if moment is None:
            moment = self._moments[time] = Moment(self._on_record, time)
        return moment


class Moment:
    """What was on record at one time; `policy_version` names by which rules it was decided."""

    __slots__ = (
        "_agreement",
        "_at",
        "_exclusions",
        "_namings",
        "_restrictions",
        "_sayings",
        "_standings",
        "policy_version",
    )

    def __init__(self, on_record: OnRecord, at: datetime) -> None:
        """Sort what counts at that time by the persons it is about."""
        self._at = at
        self._agreement = in_force(on_record.agreements, at)
        self.policy_version = policy_version(self._agreement)
        self._sayings = _by_subject(sayings_at(on_record.decisions, at))
        self._restrictions: dict[PersonId, list[Restriction]] = {}
        for restriction in on_record.restrictions:
            if restriction.is_in_force(at):
                self._restrictions.setdefault(restriction.subject, []).append(restriction)
        self._exclusions: dict[PersonId, list[Exclusion]] = {}
        for exclusion in on_record.exclusions:
            if exclusion.is_in_force(at):
                self._exclusions.setdefault(exclusion.subject, []).append(exclusion)
        self._standings: dict[tuple[PersonId, Category], Standing] = {}
        self._namings: dict[tuple[Subjects, Category, frozenset[KeptTo]], Naming] = {}

    def receivers(self, request: AccessRequest, purpose: Purpose) -> frozenset[Agency]:
        """The agencies that the agreement in force lets receive this; nobody without one.

        What is kept to those who may see other categories too, only those that may receive them.
        """
        if self._agreement is None:
            return _NOBODY
        source, mode = request.source, request.mode
        found = self._agreement.receivers(request.category, source, purpose, mode)
        if request.kept_to:
            for category in categories_in(request.kept_to):
                found &= self._agreement.receivers(category, source, purpose, mode)
        return found

    def standing(self, subject: PersonId, category: Category) -> Standing:
        """What had been said about this person and category."""
        found = self._standings.get((subject, category))
        if found is None:
            known = self._sayings.get(subject, ())
            about = [saying for saying in known if category in saying.decision.categories]
            found = self._standings[subject, category] = Standing(about)
        return found

    def naming(self, subjects: Subjects, category: Category, kept_to: frozenset[KeptTo]) -> Naming:
        """Whom decisions about any of these persons and this category name, or what is kept to."""
        asked = (subjects, category, kept_to)
        found = self._namings.get(asked)
        if found is None:
            categories = (category, *categories_in(kept_to))
            said = [s for p in subjects for c in categories for s in self.standing(p, c).sayings]
            naming = Naming([s.decision for s in said], recipients_in(kept_to))
            found = self._namings[asked] = naming
        return found

    def restrictions(self, subjects: Subjects, labels: frozenset[Label]) -> Sequence[Restriction]:
        """Those that protect a record about these persons with these labels."""
        if self._restrictions.keys().isdisjoint(subjects):
            return ()
        return [
            restriction
            for subject in subjects
            for restriction in self._restrictions.get(subject, ())
            if restriction.protects(labels, self._at)
        ]

    def exclusions(self, subjects: Subjects) -> Sequence[Exclusion]:
        """Those that keep somebody from these persons, whatever the record is labelled."""
        if self._exclusions.keys().isdisjoint(subjects):
            return ()
        return [one for subject in subjects for one in self._exclusions.get(subject, ())]


def _by_subject(sayings: Iterable[Saying]) -> dict[PersonId, list[Saying]]:
    found: dict[PersonId, list[Saying]] = {}
    for saying in sayings:
        for subject in saying.decision.subjects:
            found.setdefault(subject, []).append(saying)
    return found
