"""What somebody of a family asks to be put right on their own page: to governance, in their words.

The words are sealed under the asker's key, and opened for whoever answers the question: governance
sees what was written to it, and not what is held. Another parent's page tells nothing of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from schemas.identifiers import PersonId
from schemas.vocabulary import LabelledCode
from services.audit.reviews.postgres import FamilyQuestion, PostgresFamilyQuestions
from services.audit.reviews.questions import (
    CameInBy,
    FamilyAsks,
    FamilyQuestionAsked,
    FamilyQuestionRefusal,
    enter_from_own_page,
)
from services.profile.story.own.postgres import OwnUse, OwnWords, PostgresOwnWords
from services.work import UnitOfWork

MOST_WORDS = 1000
"""So many letters may somebody write of one thing."""


class WhatIsWrong(LabelledCode):
    """What of that which their page shows, or of what they know to be held, is wrong."""

    NAME = "name", "What we call them"
    SHARING = "sharing", "Who can see what"
    CHOICE = "choice", "What they said yes to"
    MAY_ACT = "may-act", "Who may act for the child"
    OTHER = "other", "Something else that is held"


@dataclass(frozen=True, slots=True, repr=False)
class PutRight:
    """What is wrong about whom, in the words of whoever asks.

    `told_by` are the kinds of service that told it, as codes; empty where it is our own.
    `decision` is what they say that they did not decide so, where it is that.
    """

    about: PersonId
    fact: WhatIsWrong
    words: str
    told_by: tuple[str, ...] = ()
    decision: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class AskedToPutRight:
    """Something that was asked, and what became of it."""

    question: FamilyQuestion
    said: PutRight


def ask_to_put_right(
    asked: PutRight, author: PersonId, *, by: str, work: UnitOfWork
) -> FamilyQuestion | FamilyQuestionRefusal:
    """Enter it as a question with a day by which it is answered, and keep the words with it.

    The caller has asked that `about` is somebody whom the author reaches.
    """
    order = FamilyQuestionAsked(asked.about, FamilyAsks.IS_WRONG, CameInBy.FAMILY)
    question = enter_from_own_page(order, by=by, work=work)
    if isinstance(question, FamilyQuestion):
        said = orjson.dumps(
            {
                "fact": asked.fact.value,
                "words": asked.words,
                "told_by": asked.told_by,
                "decision": asked.decision,
            }
        )
        words = OwnWords(question.id, 1, author, asked.about, OwnUse.PUT_RIGHT, said, work.now)
        PostgresOwnWords(work.connection, work.keys).write(words)
    return question


def asked_to_put_right(
    authors: Sequence[PersonId], *, work: UnitOfWork
) -> Sequence[AskedToPutRight]:
    """What these, who are one, asked to be put right, the latest first."""
    words = PostgresOwnWords(work.connection, work.keys).by(authors, OwnUse.PUT_RIGHT)
    questions = PostgresFamilyQuestions(work.connection).all_of([one.id for one in words])
    found = [AskedToPutRight(questions[one.id], _said(one)) for one in words if one.id in questions]
    return sorted(found, key=lambda one: one.question.id, reverse=True)


def words_of_question(question: FamilyQuestion, *, work: UnitOfWork) -> PutRight | None:
    """What was written with a question, for whoever answers it; None where nothing was."""
    found = PostgresOwnWords(work.connection, work.keys).find(question.id)
    return None if found is None else _said(found)


def _said(words: OwnWords) -> PutRight:
    told = orjson.loads(words.said)
    fact, told_by = WhatIsWrong(told["fact"]), tuple(told["told_by"])
    return PutRight(words.about, fact, told["words"], told_by, told["decision"])
