"""A FHIR Consent read into words: the data it says yes to, the data it says no to, and why.

A provision's period, recipients, purposes and actions say to which questions it and its exceptions
apply. Within that an exception stands against its parent for the data that it is about, and adds to
it where it goes the same way; what it permits of what its parent denies, it permits of nothing
else, and says no to whoever asks about more. Exceptions side by side that disagree about some data
deny it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from consent.deciding.words import EARLIEST, EVERYTHING, Region, Word, minus
from consent.fhir.document import ConsentDocument, Provision, Status
from consent.fhir.elements import Span, any_same
from consent.fhir.question import ConsentAction, Criterion, Question
from consent.fhir.vocabulary import covers
from consent.question import Effect, Reason
from schemas.vocabulary import LabelledCode

# Why consents permit or do not: codes, each with the sentence a professional is shown.


class ConsentReason(LabelledCode):
    """Why: a code, and the sentence."""

    PERMITTED = "consent-permits", "A consent in force permits this."
    PERMITTED_IN_PART = "consent-permits-part", "A consent in force permits a part of this only."
    TOO_MUCH_ASKED = "too-much-asked", "The question is about too many things at once."
    DENIED = "consent-denies", "A consent in force denies this."
    NO_CONSENT = "no-consent", "No consent is recorded."
    NOTHING_STATED = "nothing-stated", "The consent permits nothing."
    NOT_UNDERSTOOD = "not-understood", "The consent says something that is not understood."
    DRAFT = "consent-draft", "The consent is a draft."
    PROPOSED = "consent-proposed", "The consent is proposed and not agreed."
    REJECTED = "consent-rejected", "The consent was rejected."
    INACTIVE = "consent-inactive", "The consent has ended or was replaced."
    ENTERED_IN_ERROR = "consent-entered-in-error", "The consent was recorded in error."
    NOT_YET = "consent-not-yet", "The consent does not hold yet."
    EXPIRED = "consent-expired", "The consent has run out."
    OTHER_PATIENT = "other-patient", "The consent is about somebody else."
    PATIENT_NOT_STATED = "patient-not-stated", "It is not said whom the data is about."
    OUT_OF_SCOPE = "out-of-scope", "The consent is not about sharing information for this."
    PURPOSE_NOT_STATED = "purpose-not-stated", "It is not said what the data is wanted for."
    PURPOSE_NOT_COVERED = "purpose-not-covered", "The consent does not cover this purpose."
    ACTOR_NOT_STATED = "actor-not-stated", "It is not said who wants the data."
    ACTOR_NOT_COVERED = "actor-not-covered", "The consent does not cover this recipient."
    ACTION_NOT_COVERED = "action-not-covered", "The consent does not cover doing this."
    DATA_NOT_COVERED = "data-not-covered", "The consent does not cover this data."


@dataclass(frozen=True, slots=True, order=True)
class ReasonTold:
    """A reason, and the element of the documents that it is about where one is."""

    reason: ConsentReason | Reason
    element: str = ""

    @property
    def text(self) -> str:
        """The sentence, with the element named."""
        return f"{self.reason.label} ({self.element})" if self.element else self.reason.label


_LAST = datetime.max.replace(tzinfo=UTC)
_STEP = timedelta(microseconds=1)
_DENIED_WITH = frozenset({ConsentAction.USE, ConsentAction.COLLECT})
_ABOUT_SHARING = frozenset({"patient-privacy", "research"})
_STATUS_REASONS = {
    Status.DRAFT: ConsentReason.DRAFT,
    Status.PROPOSED: ConsentReason.PROPOSED,
    Status.REJECTED: ConsentReason.REJECTED,
    Status.INACTIVE: ConsentReason.INACTIVE,
    Status.ENTERED_IN_ERROR: ConsentReason.ENTERED_IN_ERROR,
}
"""FHIR R4, Consent.status: only an active one is to be followed."""


class Said(NamedTuple):
    """Regions permitted and denied, and why there are none where there are none.

    `by_exception`: what is permitted is an exception to a denial of all the rest.
    """

    permits: tuple[Region, ...] = ()
    denies: tuple[Region, ...] = ()
    why: tuple[ReasonTold, ...] = ()
    by_exception: bool = False


def said_by(document: ConsentDocument, question: Question) -> Said:
    """What the document says to the question."""
    silent = _why_silent(document, question)
    if silent is not None:
        return Said(why=(ReasonTold(silent),))
    if document.not_understood:
        why = tuple(ReasonTold(ConsentReason.NOT_UNDERSTOOD, e) for e in document.not_understood)
        return Said(denies=(EVERYTHING,), why=why)
    said = _said_by(document.provision, question)
    if question.patients and not document.patients:
        # nobody is named: whom it permits is not known, and whom it denies may be the one asked of
        return Said(denies=said.denies, why=(ReasonTold(ConsentReason.PATIENT_NOT_STATED),))
    return said


def words_of(document: ConsentDocument, said: Said, number: int) -> Iterator[Word]:
    """What it says as words; `number` tells the document from the others.

    A permission is taken for as old as it may be, a denial for as new as it may be.
    """
    earliest, end = document.issued.start or EARLIEST, document.issued.end
    latest = end - _STEP if end else _LAST
    refusal = Reason.UNREADABLE_REQUEST if document.not_understood else Reason.REFUSED
    part = said.by_exception
    for about in said.permits:
        yield Word(
            True, Reason.CONSENT, said_at=earliest, about=about, document=number, by_exception=part
        )
    for about in said.denies:
        yield Word(False, refusal, said_at=latest, about=about, document=number, by_exception=part)


def _why_silent(document: ConsentDocument, question: Question) -> ConsentReason | None:
    if document.status is not Status.ACTIVE:
        return _STATUS_REASONS[document.status]
    is_other = document.patients and not any_same(document.patients, question.patients)
    if question.patients and is_other:
        return ConsentReason.OTHER_PATIENT
    if document.issued.start is not None and question.at < document.issued.start:
        return ConsentReason.NOT_YET
    wanted = frozenset({question.scope}) if question.scope else _ABOUT_SHARING
    if document.scope and document.scope not in wanted:
        return ConsentReason.OUT_OF_SCOPE
    return None


def _said_by(provision: Provision, question: Question) -> Said:
    out = _why_not_asked(provision, question)
    if out is not None:
        return Said(why=(ReasonTold(out),))
    exceptions = [_said_by(exception, question) for exception in provision.exceptions]
    denied = tuple(region for said in exceptions for region in said.denies)
    permitted = _permitted_by(exceptions)
    own = _own_region(provision, question)
    why = _why(provision, own, exceptions)
    nested = any(said.by_exception for said in exceptions)
    if provision.effect is Effect.PERMIT:
        return Said((*minus(own, denied), *permitted), denied, why, nested)
    if provision.effect is Effect.DENY:
        within = tuple(_both(region, parent) for parent in own for region in permitted)
        return Said(within, (*minus(own, within), *denied), why, nested or bool(within))
    return Said(permitted, denied, why, nested)


def _permitted_by(exceptions: list[Said]) -> tuple[Region, ...]:
    """What exceptions permit and no other beside them denies."""
    return tuple(
        region
        for index, said in enumerate(exceptions)
        for region in minus(
            said.permits,
            (r for other, o in enumerate(exceptions) if other != index for r in o.denies),
        )
    )


def _both(region: Region, parent: Region) -> Region:
    criteria = dict.fromkeys((*parent.criteria, *region.criteria))
    return Region(tuple(criteria), (*parent.without, *region.without))


def _own_region(provision: Provision, question: Question) -> tuple[Region, ...]:
    """The data that the rule is about, without what is known to hold of the data asked about."""
    criteria: list[Criterion] = list(provision.criteria)
    custodian = provision.custodian
    # who asks and is denied as a custodian is denied: published consents name recipients so
    is_asker = custodian is not None and any_same(custodian.names, question.actors)
    if custodian is not None and not (provision.effect is Effect.DENY and is_asker):
        criteria.append(custodian)
    holds = [(criterion, criterion.holds(question.data)) for criterion in criteria]
    if any(answer is False for _, answer in holds):
        return ()
    return (Region(tuple(criterion for criterion, answer in holds if answer is None)),)


def _why(
    provision: Provision, own: tuple[Region, ...], exceptions: Iterable[Said]
) -> tuple[ReasonTold, ...]:
    if provision.effect is None:
        found = tuple(told for said in exceptions for told in said.why)
        return found or (ReasonTold(ConsentReason.NOTHING_STATED),)
    return () if own else (ReasonTold(ConsentReason.DATA_NOT_COVERED),)


def _why_not_asked(provision: Provision, question: Question) -> ConsentReason | None:
    """Why the provision does not apply to the question at all, if it does not.

    What is not said matches what denies and not what permits.
    """
    is_denial = provision.effect is Effect.DENY
    return (
        _why_not_now(provision.period, question.at)
        or _why_not_them(provision, question, is_denial=is_denial)
        or _why_not_for(provision, question, is_denial=is_denial)
        or _why_not_done(provision.actions, question.actions, is_denial=is_denial)
    )


def _why_not_now(period: Span, at: datetime) -> ConsentReason | None:
    if period.holds(at):
        return None
    return ConsentReason.EXPIRED if period.is_over(at) else ConsentReason.NOT_YET


def _why_not_them(
    provision: Provision, question: Question, *, is_denial: bool
) -> ConsentReason | None:
    if provision.recipients is None:
        return None
    if not question.actors:
        return None if is_denial else ConsentReason.ACTOR_NOT_STATED
    is_one = any_same(provision.recipients, question.actors)
    return None if is_one else ConsentReason.ACTOR_NOT_COVERED


def _why_not_for(
    provision: Provision, question: Question, *, is_denial: bool
) -> ConsentReason | None:
    """A permission must cover every purpose that is stated, a denial need cover only one."""
    if not provision.purposes:
        return None
    if not question.purposes:
        return None if is_denial else ConsentReason.PURPOSE_NOT_STATED
    covered = [any(covers(p, asked) for p in provision.purposes) for asked in question.purposes]
    is_covered = any(covered) if is_denial else all(covered)
    return None if is_covered else ConsentReason.PURPOSE_NOT_COVERED


def _why_not_done(
    actions: frozenset[ConsentAction], asked: frozenset[ConsentAction], *, is_denial: bool
) -> ConsentReason | None:
    """To read is to access what somebody discloses; denied too where use or collection is."""
    if not actions or (is_denial and not asked):
        return None
    counted = asked | _DENIED_WITH if is_denial and ConsentAction.ACCESS in asked else asked
    return None if actions & counted else ConsentReason.ACTION_NOT_COVERED
