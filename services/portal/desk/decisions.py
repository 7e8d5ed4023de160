"""Sharing decisions behind the pages: each call is one transaction."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cache

from consent.circumstances import InvalidationReason
from consent.decisions.changing import end_decision, invalidate_decision, withdraw_decision
from consent.decisions.keeping import Recorded
from consent.decisions.objecting import object_to
from consent.decisions.recording import record_decision
from consent.decisions.states import DecisionState
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from services.decisions.receipts.postgres import ReceiptIssuer
from services.people.practitioners.people import SignedInPractitioner, SubjectEntry
from services.platform.errors import ReceiptNotReadyError
from services.portal.decisions.ports import (
    DecisionForm,
    DecisionSummary,
    DueForReview,
    NameOf,
    ObjectionForm,
    RecordedDecision,
    summary_of,
)
from services.portal.desk.form_errors import as_form_errors
from services.portal.desk.work import (
    NOBODY,
    PortalWork,
    is_findable,
    objecting_order,
    receipt_of,
    recording_order,
    refusal,
    refusal_of_decision,
    subject_of,
)
from services.profile.model import ProfileRefused
from services.work import Outside, UnitOfWork

_MOST_FAMILIES = 200

_Change = Callable[[UnitOfWork], Recorded]


class DecisionsOnDatabase(PortalWork):
    """DecisionServices on PostgreSQL."""

    def refusal_about(
        self, who: SignedInPractitioner, persons: Collection[PersonId]
    ) -> ProfileRefused | None:
        """Why forms for decisions about these persons are closed to who asks, if they are."""
        with self._work() as work:
            return refusal(who, persons, work)

    def record_decision(
        self, who: SignedInPractitioner, form: DecisionForm
    ) -> RecordedDecision | ProfileRefused:
        """Record what was decided. Raises InvalidDecisionError naming the field."""
        with as_form_errors(), self._work() as work:
            # (1) Whom it is about, by what was typed: nobody is made, and nothing learnt of them.
            subjects = tuple(_known(subject, work) for subject in form.subjects)
            # (2) May they? An unknown person is asked about as a stranger is.
            replaced = None if form.supersedes is None else work.decisions.find(form.supersedes)
            concerned = {*subjects, *(replaced.subjects if replaced else ())}
            refused = refusal(who, concerned, work)
            if refused is not None:
                return refused
            # (3) Only then does anything tell what makes no sense, which may follow from records.
            order = recording_order(replace(form, subjects=subjects), who, at=work.now)
            recorded = record_decision(order, deciding=work.deciding())
        return receipt_of(recorded)

    def decisions(
        self, who: SignedInPractitioner, person: PersonId
    ) -> Sequence[DecisionSummary] | ProfileRefused:
        """All decisions about the person, newest first, for those with a relationship."""
        with self._work() as work:
            refused = refusal(who, [person], work)
            if refused is not None:
                return refused
            found = work.decisions.recorded_about([person])[person]
            name_of = _names_in(work)
            summaries = [summary_of(decision, work.now, name_of) for decision in found]
        return sorted(summaries, key=lambda s: s.decided_at, reverse=True)

    def decisions_due(self, who: SignedInPractitioner) -> Sequence[DueForReview]:
        """What is due for review in the practitioner's own families, longest due first."""
        with self._work() as work:
            mine = {person for person, _ in work.case_loads.of(who.id, most=_MOST_FAMILIES)}
            known, name_of = work.decisions.recorded_about(mine), _names_in(work)
            due = [
                DueForReview(person, summary_of(decision, work.now, name_of))
                for person in sorted(mine)
                if is_findable(person, who, work)
                for decision in known[person]
            ]
        due = [d for d in due if d.decision.state is DecisionState.DUE_FOR_REVIEW]
        return sorted(due, key=lambda d: (d.decision.review_at or d.decision.decided_at, d.person))

    def withdraw_decision(
        self, who: SignedInPractitioner, decision: DecisionId
    ) -> RecordedDecision | ProfileRefused:
        """Take back what a family decided: from now on; in force for the very next page."""
        return self._change(
            who,
            decision,
            lambda work: withdraw_decision(decision, actor=_actor(who), deciding=work.deciding()),
            one_is_enough=True,
        )

    def object_to_decision(
        self, who: SignedInPractitioner, form: ObjectionForm
    ) -> RecordedDecision | ProfileRefused:
        """Record that somebody of the family objects; gives the objection's own receipt."""
        return self._change(
            who,
            form.decision,
            lambda work: object_to(
                objecting_order(_as_named(form, work), who, at=work.now), deciding=work.deciding()
            ),
            for_person=form.person,
        )

    def end_decision(
        self, who: SignedInPractitioner, decision: DecisionId
    ) -> RecordedDecision | ProfileRefused:
        """End what a practitioner decided or a duty demanded: from now on."""
        return self._change(
            who,
            decision,
            lambda work: end_decision(decision, actor=_actor(who), deciding=work.deciding()),
        )

    def invalidate_decision(
        self, who: SignedInPractitioner, decision: DecisionId, reason: InvalidationReason
    ) -> RecordedDecision | ProfileRefused:
        """Mark as never counted what was recorded in error; this cannot be undone."""
        return self._change(
            who,
            decision,
            lambda work: invalidate_decision(
                decision, reason, actor=_actor(who), deciding=work.deciding()
            ),
        )

    def _change(
        self,
        who: SignedInPractitioner,
        decision: DecisionId,
        change: _Change,
        *,
        one_is_enough: bool = False,
        for_person: PersonId | None = None,
    ) -> RecordedDecision | ProfileRefused:
        with as_form_errors(), self._work() as work:
            found = work.decisions.find(decision)
            if found is None or for_person is None:
                refused = refusal_of_decision(who, found, work, one_is_enough=one_is_enough)
            else:
                refused = refusal(who, [for_person], work)
            if refused is not None:
                return refused
            recorded = change(work)
        return receipt_of(recorded)


def _known(subject: PersonId | SubjectEntry, work: UnitOfWork) -> PersonId:
    """Who that is; where the number is unknown or the date of birth another, nobody."""
    if not isinstance(subject, SubjectEntry):
        return subject
    return work.persons.resolve([subject_of(subject)])[0].person or NOBODY


def _as_named(form: ObjectionForm, work: UnitOfWork) -> ObjectionForm:
    """The objection about the person as the decision names them, who may be joined by now."""
    found = work.decisions.find(form.decision)
    members = work.clusters.members([form.person])[form.person]
    named = (m for m in members if found is not None and m in found.subjects)
    return replace(form, person=next(named, form.person))


def _actor(who: SignedInPractitioner) -> str:
    return f"practitioner:{who.id}"


def _names_in(work: UnitOfWork) -> NameOf:
    """Names of practitioners, each read once."""

    @cache
    def name_of(practitioner: PractitionerId) -> str | None:
        found = work.directory.practitioner(practitioner)
        return None if found is None else f"{found.name}, {found.job_title}"

    return name_of


# Consent receipts behind the pages: each call is one transaction.


class ReceiptsOnDatabase(PortalWork):
    """ReceiptServices on PostgreSQL."""

    def __init__(self, outside: Outside, *, demonstration: bool, receipts: ReceiptIssuer) -> None:
        super().__init__(outside, demonstration=demonstration)
        self._receipts = receipts

    def receipt(
        self, who: SignedInPractitioner, decision: DecisionId
    ) -> bytes | ProfileRefused | None:
        """Issue the signed receipt of a decision; None while the ledger does not prove it yet."""
        with self._work() as work:
            found = work.decisions.find(decision)
            refused = refusal_of_decision(who, found, work, one_is_enough=True)
            if refused is not None:
                return refused
            try:
                return self._receipts.issue(decision, actor=f"practitioner:{who.id}", work=work)
            except ReceiptNotReadyError:
                return None
