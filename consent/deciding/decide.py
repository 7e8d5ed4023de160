"""`decide`: the only place that says yes. The rules of DESIGN.md section 4, in their order."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from consent.agreement import AdoptedAgreement
from consent.deciding.record import CompiledRecord, Moment, policy_version
from consent.deciding.words import Word, decisive
from consent.model import Restriction
from consent.question import (
    AccessRequest,
    Decision,
    Effect,
    OnRecord,
    Practitioner,
    Reason,
    SharedProfile,
    Viewer,
    viewer_of,
)
from schemas.identifiers import PersonId
from schemas.records.published import categories_in, recipients_in
from schemas.vocabulary import OPENS_FAMILY_RECORDS, Category, Label, Purpose

_UNREADABLE = Word(permits=False, reason=Reason.UNREADABLE_REQUEST)
_NO_RECORDS = Word(permits=False, reason=Reason.ROLE_OPENS_NO_RECORDS)
_NO_SUBJECT = Word(permits=False, reason=Reason.NO_SUBJECT)
_NOT_AGREED = Word(permits=False, reason=Reason.POLICY_DENIES)
_RESTRICTED = Word(permits=False, reason=Reason.RESTRICTED)
_EXCLUDED = Word(permits=False, reason=Reason.EXCLUDED)
_NO_RELATIONSHIP = Word(permits=False, reason=Reason.NO_RELATIONSHIP)
_EMERGENCY = Word(permits=True, reason=Reason.EMERGENCY, review=True)
_KEPT_TO_OTHERS = Word(permits=False, reason=Reason.KEPT_TO_OTHERS)


def decide(request: AccessRequest, on_record: OnRecord | CompiledRecord) -> Decision:
    """Say whether the recipient may have this record, and why.

    Takes the request and everything on record that may bear on it, compiled where many questions
    are asked of the same record; gives a Decision, never raises for what is in them. Nothing
    recorded means no. The order of what is on record does not matter, and the same input gives
    the same answer for any past `at`. The shared profile is permitted what at least one
    practitioner with a relationship would be, and nothing else.
    """
    # (0) Whose role opens no family records is shown none, whatever else holds.
    opens_none = not _opens_records(request.recipient)
    # (1) No time, nobody named, or no purpose from a practitioner: nothing can permit it.
    if request.at.utcoffset() is None:
        return _answer(request, [_NO_RECORDS if opens_none else _UNREADABLE], policy_version())
    compiled = on_record if isinstance(on_record, CompiledRecord) else CompiledRecord(on_record)
    moment = compiled.at(request.at)
    recipient, purpose = request.recipient, request.purpose
    if opens_none:
        words: Sequence[Word] = [_NO_RECORDS]
    elif not request.subjects:
        words = [_NO_SUBJECT]
    elif isinstance(recipient, SharedProfile):
        words = _words_to_anyone(request, moment)
    elif purpose is None:
        words = [_UNREADABLE]
    else:
        words = _words_to_one(recipient, purpose, request, moment)
    return _answer(request, words, moment.policy_version)


def _opens_records(recipient: Practitioner | SharedProfile) -> bool:
    """A role is text, as somebody wrote it: one that is not on the list opens nothing."""
    return isinstance(recipient, SharedProfile) or recipient.role in OPENS_FAMILY_RECORDS


def worth_telling(reasons: Collection[Reason]) -> frozenset[Reason]:
    """Of several reasons for a no, those that somebody can do something with.

    That the agreement leaves out another use of it, or that nobody decided on another part, says
    nothing where there is a reason beside it.
    """
    found = frozenset(reasons)
    for least in (Reason.POLICY_DENIES, Reason.NO_DECISION):
        found = found - {least} or found
    return found


def _words_to_one(
    practitioner: Practitioner, purpose: Purpose, request: AccessRequest, moment: Moment
) -> Sequence[Word]:
    # (1a) The data-sharing agreement stands over all that follows: who may not receive this
    # category, of this source, to this end, receives nothing. Without one in force nobody may.
    if practitioner.agency not in moment.receivers(request, purpose):
        return [_NOT_AGREED]
    restrictions = moment.restrictions(request.subjects, request.labels)
    return _words_to(viewer_of(practitioner, purpose, request), request, moment, restrictions)


def _words_to_anyone(request: AccessRequest, moment: Moment) -> Sequence[Word]:
    """The first yes to anybody; else every no that is worth telling."""
    restrictions = moment.restrictions(request.subjects, request.labels)
    exclusions = moment.exclusions(request.subjects)
    naming = moment.naming(request.subjects, request.category, request.kept_to)
    refusals: list[Word] = []
    for purpose in _purposes(request, naming.purposes, moment):
        # (1a) As above: only who may receive it is asked about.
        receivers = moment.receivers(request, purpose)
        if not receivers:
            refusals.append(_NOT_AGREED)
            continue
        for viewer in naming.everyone_told_apart(purpose, receivers, restrictions, exclusions):
            words = _words_to(viewer, request, moment, restrictions)
            if words[0].permits:
                return words
            refusals += words
    reasons = worth_telling([word.reason for word in refusals])
    return [word for word in refusals if word.reason in reasons]


def _purposes(
    request: AccessRequest, decided_on: Sequence[Purpose], moment: Moment
) -> Sequence[Purpose]:
    """What is asked for, or all that was decided on; where nothing was, any that is agreed."""
    if request.purpose is not None:
        return [request.purpose]
    if decided_on:
        return decided_on
    agreed = (purpose for purpose in Purpose if moment.receivers(request, purpose))
    return [next(agreed, Purpose.DIRECT_CARE)]


def _words_to(
    viewer: Viewer, request: AccessRequest, moment: Moment, restrictions: Sequence[Restriction]
) -> Sequence[Word]:
    """What decides about this viewer: words that all permit, or that all do not."""
    if len(request.subjects) == 1:
        return _words_about(request.subjects[0], viewer, request, moment, restrictions)
    # (8) A record about several persons needs a permit for each of them.
    words = [
        word
        for subject in request.subjects
        for word in _words_about(subject, viewer, request, moment, restrictions)
    ]
    return [word for word in words if not word.permits] or words


def _words_about(
    subject: PersonId,
    viewer: Viewer,
    request: AccessRequest,
    moment: Moment,
    restrictions: Iterable[Restriction],
) -> Sequence[Word]:
    # (2) A restriction stands above everything that anybody decided.
    for restriction in restrictions:
        if restriction.subject == subject and viewer.id not in restriction.allowed:
            return [_RESTRICTED]
    # (2a) Nor is anything shown, or that it exists, to whom the family has named.
    for exclusion in moment.exclusions((subject,)):
        if exclusion.keeps_out(viewer.id):
            return [_EXCLUDED]
    # (3) Without a legitimate relationship nothing is shown, whatever was agreed; and each ground
    # reaches so far and no further.
    if not viewer.reach.opens(request.subjects, request.category, request.labels):
        return [_NO_RELATIONSHIP]
    # (4) An emergency that was announced goes over a refusal, is shown as such and reviewed.
    if viewer.reach.opens_in_emergency(request.category):
        words: Sequence[Word] = [_EMERGENCY]
    else:
        words = _words_of(subject, request.category, viewer, request, moment)
    # (5a) What its family keeps to some is a no to everybody else; a duty goes over it too.
    if request.kept_to and words[0].permits and words[0].reason is not Reason.DUTY:
        return _words_kept(words, viewer, subject, request, moment)
    return words


def _words_of(
    subject: PersonId,
    category: Category,
    viewer: Viewer,
    request: AccessRequest,
    moment: Moment,
) -> Sequence[Word]:
    """What was decided about the person's records of this category: all permit, or all do not."""
    standing = moment.standing(subject, category)
    voices = standing.voices(viewer.purpose, request.mode)
    # (4) A recorded duty goes over a refusal, is shown as such and reviewed; voices have duties
    # for safeguarding only.
    duty = voices.duty(request.source, viewer.names) if voices.duties else None
    if duty is not None:
        return [duty]
    words = voices.words(request.source, viewer.names)
    if Label.PROTECTED_LOCATION in request.labels:
        # (7a) A place that is protected is not a parent's to give away: it may be from them.
        words = [word for word in words if not (word.permits and word.is_parents)]
    # (5) Any refusal, withdrawal or objection in force denies; (6) is in Voices.words. (7) A permit
    # in force, against which nobody speaks, permits. (9) Anything else is no.
    return decisive(words) or [standing.silence]


def _words_kept(
    words: Sequence[Word], viewer: Viewer, subject: PersonId, request: AccessRequest, moment: Moment
) -> Sequence[Word]:
    """These, and what lets the viewer see each category named besides; or that it is not theirs."""
    names = recipients_in(request.kept_to)
    if names and names.isdisjoint(viewer.names):
        return [_KEPT_TO_OTHERS]
    besides = [
        word
        for category in categories_in(request.kept_to)
        for word in _words_of(subject, category, viewer, request, moment)
    ]
    return [*words, *besides] if all(word.permits for word in besides) else [_KEPT_TO_OTHERS]


def _answer(request: AccessRequest, words: Sequence[Word], policy: str) -> Decision:
    effect = Effect.PERMIT if words[0].permits else Effect.DENY
    if len(words) == 1:
        word = words[0]
        decided_from = () if word.decision is None else (word.decision,)
        reasons = (word.reason,)
        return Decision(effect, request.mode, reasons, policy, decided_from, word.review)
    return Decision(
        effect,
        request.mode,
        tuple(sorted({word.reason for word in words})),
        policy,
        tuple(sorted({word.decision for word in words if word.decision is not None})),
        any(word.review for word in words),
    )


# For the many questions of one transaction, while what is on record stands still.


class Answers:
    """The answers of one transaction about these persons, from what is on record compiled once.

    About anybody else nothing is known, so nothing is permitted. `agreements` need only be given
    where there may be nobody at all in `on_record`.
    """

    def __init__(
        self,
        on_record: Mapping[PersonId, OnRecord],
        agreements: Sequence[AdoptedAgreement] = (),
    ) -> None:
        everything = together([*on_record.values(), OnRecord(agreements=tuple(agreements))])
        self._persons = frozenset(on_record)
        self._known = CompiledRecord(everything)
        self._nothing = CompiledRecord(OnRecord(agreements=everything.agreements))
        self._given: dict[AccessRequest, Decision] = {}

    def to(self, request: AccessRequest) -> Decision:
        """The answer of `decide` to this request, from what is on record about its subjects.

        Most records of a family ask the same, and are told the same.
        """
        answer = self._given.get(request)
        if answer is None:
            answer = self._given[request] = self.worked_out(request)
        return answer

    def worked_out(self, request: AccessRequest) -> Decision:
        """The same, and not remembered: for who does that."""
        is_known = self._persons.issuperset(request.subjects)
        return decide(request, self._known if is_known else self._nothing)

    def policy_version(self, at: datetime) -> str:
        """The rules and the agreement by which anything is decided at that time."""
        return self._nothing.at(at).policy_version


def together(found: Iterable[OnRecord]) -> OnRecord:
    """What is on record about several persons, each decision once.

    A restriction stands once for each person whom it protects, and for each time that it does. So
    does a no that holds for others than it names.
    """
    all_of = list(found)
    return OnRecord(
        tuple({(d.id, d.subjects): d for one in all_of for d in one.decisions}.values()),
        tuple(
            {(r.id, r.subject, r.placed_at): r for one in all_of for r in one.restrictions}.values()
        ),
        tuple({_adoption(a): a for one in all_of for a in one.agreements}.values()),
        tuple({(e.id, e.subject): e for one in all_of for e in one.exclusions}.values()),
    )


def _adoption(adopted: AdoptedAgreement) -> tuple[datetime, str]:
    return adopted.adopted_at, adopted.agreement.version
