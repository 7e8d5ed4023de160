"""What a family asks governance: entered by whoever they ask, answered by a day, told as codes."""

from dataclasses import dataclass, replace

from consent.ledger import FieldValue, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from schemas.vocabulary import LabelledCode
from services.audit.asked import Auditor
from services.audit.reviews.postgres import FamilyQuestion, PostgresFamilyQuestions
from services.people.family_access.keeping.postgres_reach import PostgresFamilyReach
from services.people.family_access.keeping.reach import tell_that_there_is_something
from services.people.governance.queue import ItemKind, close_item, raise_item
from services.people.practitioners.people import SignedInPractitioner
from services.work import UnitOfWork


class FamilyAsks(LabelledCode):
    """What they ask."""

    WHO_LOOKED = "who-looked", "Who has looked at our records?"
    WHY_LOOKED = "why-looked", "Why did somebody look at our records?"
    NOT_KNOWN_TO_US = "not-known-to-us", "Somebody looked whom we do not know"
    WHY_SHARED = "why-shared", "Why is this shared, or not shared?"
    SAID_OTHERWISE = "said-otherwise", "We did not say what is written down that we said"
    SHOWN_WRONGLY = "shown-wrongly", "Something was shown that should not have been"
    IS_WRONG = "is-wrong", "Something that is held about us is wrong"
    SOMETHING_ELSE = "something-else", "Something else: talk with them"


class CameInBy(LabelledCode):
    """How the question came in."""

    PRACTITIONER = "practitioner", "A practitioner whom they asked"
    TELEPHONE = "telephone", "By telephone"
    LETTER = "letter", "By letter or e-mail"
    FAMILY = "family", "The family's own page"


class FamilyAnswer(LabelledCode):
    """What they were told in the end."""

    WAS_RIGHT = "was-right", "It was right, and we told them why"
    WAS_WRONG = "was-wrong", "It was wrong, and we told them what follows"
    CORRECTED = "corrected", "It was put right"
    CANNOT_BE_TOLD = "cannot-be-told", "It cannot be told, and we told them why"
    NOT_REACHED = "not-reached", "They could not be reached"


class FamilyQuestionRefusal(LabelledCode):
    """Why a question was not taken, or an answer."""

    NOT_THEIRS = "not-theirs", "They do not work with this family."
    NOT_KNOWN = "not-known", "Nobody is known by that number."
    NOT_OPEN = "not-open", "It is not there, or answered already."
    NOT_ALLOWED = "not-allowed", "Answering is for information governance."
    OWN = "own", "Nobody answers what they entered, or what is asked about them."
    CHANGED = "changed", "Somebody else answered it meanwhile. Look at it again."


_FAMILY = "family:"
OWN_AN_HOUR = 10
"""As many questions somebody may ask on their own page."""


@dataclass(frozen=True, slots=True)
class FamilyQuestionAsked:
    """What is asked about whom; `worker` is who looked, as the ledger names them, if they say."""

    person: PersonId | None
    asks: FamilyAsks
    came_by: CameInBy
    worker: str | None = None


def ask_for_family(
    asked: FamilyQuestionAsked, who: SignedInPractitioner, *, work: UnitOfWork
) -> FamilyQuestion | FamilyQuestionRefusal:
    """Enter a family's question by a practitioner who works with them."""
    may_open = None
    if asked.person is not None:
        may_open = work.relationships.may_open(who.id, [asked.person])[asked.person]
    if may_open is None or not may_open.relationships:
        return _refuse(None, FamilyQuestionRefusal.NOT_THEIRS, who.actor, work)
    return _enter(asked, who.actor, work)


def take_from_family(
    asked: FamilyQuestionAsked, *, by: Auditor, work: UnitOfWork
) -> FamilyQuestion | FamilyQuestionRefusal:
    """Enter a question that a family put to governance itself, by telephone or in writing."""
    if not by.may_ask:
        return _refuse(None, FamilyQuestionRefusal.NOT_ALLOWED, by.actor, work)
    if asked.person is None:
        return _refuse(None, FamilyQuestionRefusal.NOT_KNOWN, by.actor, work)
    return _enter(asked, by.actor, work)


def ask_on_own_page(
    person: PersonId, worker: str, *, by: str, work: UnitOfWork
) -> FamilyQuestion | FamilyQuestionRefusal:
    """Enter why somebody looked at whom whoever is signed in reaches: the caller has asked that.

    Whoever looked is named to governance alone.
    """
    asked = FamilyQuestionAsked(person, FamilyAsks.WHY_LOOKED, CameInBy.FAMILY, worker)
    return enter_from_own_page(asked, by=by, work=work)


def enter_from_own_page(
    asked: FamilyQuestionAsked, *, by: str, work: UnitOfWork
) -> FamilyQuestion | FamilyQuestionRefusal:
    """Enter what is asked on somebody's own page: so many an hour, and no more."""
    if not work.limits.take("own-question", [by], OWN_AN_HOUR):
        return _refuse(None, FamilyQuestionRefusal.NOT_ALLOWED, by, work)
    return _enter(asked, by, work)


def _enter(asked: FamilyQuestionAsked, actor: str, work: UnitOfWork) -> FamilyQuestion:
    question_id = str(new_entry_id(work.now))
    item = raise_item(
        ItemKind.FAMILY_QUESTION,
        question_id,
        by=actor,
        queue=work.queue,
        ledger=work.ledger,
        at=work.now,
        person=asked.person,
    )
    question = FamilyQuestion(
        question_id, asked.person, asked.asks, asked.worker, asked.came_by, actor, item.due_at
    )
    PostgresFamilyQuestions(work.connection).add(question, at=work.now)
    fields: dict[str, FieldValue] = {
        "question": question_id,
        "subjects": [] if asked.person is None else [asked.person],
        "asks": asked.asks,
        "by": asked.came_by,
        "due": item.due_at,
    }
    entry = ledger_entry(LedgerEvent.FAMILY_QUESTION_ASKED, fields, at=work.now, actor=actor)
    work.ledger.append([entry])
    return question


def answer_family(
    item_id: str, answer: FamilyAnswer, *, by: Auditor, work: UnitOfWork, state: int | None = None
) -> FamilyQuestion | FamilyQuestionRefusal:
    """Say what the family was told; the item leaves the queue. `state` is how it was shown.

    Who asked on their own page is sent word that there is something, if they chose that.
    """
    if not by.may_ask:
        return _refuse(None, FamilyQuestionRefusal.NOT_ALLOWED, by.actor, work)
    item = work.queue.find(item_id)
    questions = PostgresFamilyQuestions(work.connection)
    question = None if item is None else questions.find(item.about)
    if item is None or item.outcome is not None or question is None:
        stale = question is not None and state is not None and question.state != state
        why = FamilyQuestionRefusal.CHANGED if stale else FamilyQuestionRefusal.NOT_OPEN
        return _refuse(question, why, by.actor, work)
    theirs = (item.raised_by, question.worker)
    if any(one is not None and work.orders.are_one(by.actor, one) for one in theirs):
        return _refuse(question, FamilyQuestionRefusal.OWN, by.actor, work)
    closed = close_item(
        item_id, answer, by=by.actor, queue=work.queue, ledger=work.ledger, at=work.now
    )
    if closed is None:
        return FamilyQuestionRefusal.NOT_ALLOWED
    answered = replace(question, answer=answer, state=question.state + 1)
    questions.add(answered, at=work.now)
    fields: dict[str, FieldValue] = {"question": question.id, "answer": answer}
    entry = ledger_entry(LedgerEvent.FAMILY_QUESTION_ANSWERED, fields, at=work.now, actor=by.actor)
    work.ledger.append([entry])
    if question.came_by == CameInBy.FAMILY:
        access = question.entered_by.removeprefix(_FAMILY)
        reach = PostgresFamilyReach(work.connection)
        tell_that_there_is_something(access, door=work.family_door(), reach=reach)
    return answered


def _refuse(
    question: FamilyQuestion | None, why: FamilyQuestionRefusal, actor: str, work: UnitOfWork
) -> FamilyQuestionRefusal:
    named = [] if question is None else [question.id]
    fields: dict[str, FieldValue] = {"question": named, "because": why}
    entry = ledger_entry(LedgerEvent.FAMILY_QUESTION_REFUSED, fields, at=work.now, actor=actor)
    work.ledger.append([entry])
    return why
