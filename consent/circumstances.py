"""How a decision came about: asked how, in which language, on what notice, judged how, why."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from schemas.vocabulary import LabelledCode


class Channel(LabelledCode):
    """How the family was spoken to."""

    IN_PERSON = "in-person", "In person"
    TELEPHONE = "telephone", "By telephone, after checking who they are"
    PAPER = "paper", "On paper"
    ONLINE = "online", "Online, signed in"
    WRITTEN = "written", "In writing: a letter, an e-mail or a message"
    THROUGH_WORKER = "through-worker", "Through another worker, whom they told"


class RefusalReason(LabelledCode):
    """Why a family refused, as far as it wished to say."""

    NOT_SAID = "not-said", "Did not say why, and need not"
    TELLS_THEMSELVES = "tells-themselves", "Prefers to tell each service themselves"
    WHO_WOULD_SEE = "who-would-see", "Does not want some people to know"
    HOW_IT_WOULD_BE_USED = "how-it-would-be-used", "Worried about how it would be used"
    NOT_NEEDED = "not-needed", "Sees no need for it"
    NOT_TRUE = "not-true", "Says what is held is not right"


class NotAskedReason(LabelledCode):
    """Why a family was not asked."""

    WOULD_RAISE_RISK = "would-raise-risk", "Asking could put somebody at risk"
    WOULD_HINDER_ENQUIRY = "would-hinder-enquiry", "Asking could hinder an enquiry"
    NOT_REACHED = "not-reached", "Could not be reached"
    NO_INTERPRETER = "no-interpreter", "No interpreter was there"
    COULD_NOT_DECIDE = "could-not-decide", "Was not able to decide at the time"
    URGENT = "urgent", "There was no time to ask"
    NOT_CONSENT = "not-consent", "Told, not asked: the ground is not consent"


class InvalidationReason(LabelledCode):
    """Why a decision never counted."""

    WRONG_PERSON = "wrong-person", "Recorded about the wrong person"
    RECORDED_WRONGLY = "recorded-wrongly", "What was said was written down wrongly"
    NO_RESPONSIBILITY = "no-responsibility", "The person who decided may not decide this"
    NOT_COMPETENT = "not-competent", "The young person was not competent to decide this"
    UNDER_PRESSURE = "under-pressure", "It was decided under pressure"
    NOT_INFORMED = "not-informed", "The family was not told what it decided about"


class Present(LabelledCode):
    """Who was in the room when it was decided, besides the decider and who wrote it down."""

    ALONE = "alone", "Nobody else"
    PARTNER = "partner-present", "Their partner"
    RELATIVE_INTERPRETING = "relative-interpreting", "A relative, who interpreted"
    PROFESSIONAL_INTERPRETER = "professional-interpreter", "A professional interpreter"
    OTHER_RELATIVE = "other-relative", "Another relative"


class CompetenceQuestion(LabelledCode):
    """What a practitioner asks themselves before a young person decides."""

    SHARED = "shared", "They understand what would be shared"
    WHO = "who", "They understand who would see it"
    CONSEQUENCES = "consequences", "They understand what may follow from it"
    WEIGHS = "weighs", "They can weigh it up"
    FREELY = "freely", "They decide freely, and nobody presses them"


@dataclass(frozen=True, slots=True)
class CompetenceJudgement:
    """Whether a young person can decide this matter: five questions, each needed for a yes.

    Specific to the decision (Gillick; DOMAIN.md section 3.4): it says nothing about the next one.
    `judged_by` is the practitioner's opaque id.
    """

    understands_what_is_shared: bool
    understands_who_would_see: bool
    understands_what_may_follow: bool
    weighs_it_up: bool
    decides_freely: bool
    judged_by: str
    judged_at: datetime

    @classmethod
    def of(
        cls, yes: Collection[CompetenceQuestion], *, judged_by: str, judged_at: datetime
    ) -> "CompetenceJudgement":
        """Make the judgement from the questions that were answered with yes."""
        return cls(
            understands_what_is_shared=CompetenceQuestion.SHARED in yes,
            understands_who_would_see=CompetenceQuestion.WHO in yes,
            understands_what_may_follow=CompetenceQuestion.CONSEQUENCES in yes,
            weighs_it_up=CompetenceQuestion.WEIGHS in yes,
            decides_freely=CompetenceQuestion.FREELY in yes,
            judged_by=judged_by,
            judged_at=judged_at,
        )

    @property
    def is_competent(self) -> bool:
        """Whether every question was answered with yes."""
        return (
            self.understands_what_is_shared
            and self.understands_who_would_see
            and self.understands_what_may_follow
            and self.weighs_it_up
            and self.decides_freely
        )


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How it was decided. Nothing here changes what `decide` answers.

    `interpreted_into` is the language an interpreter spoke (BCP 47). `notice_version` is of the
    privacy notice the family had. `evidence` refers to what proves it: an opaque id or a digest,
    never a text. `recorded_by` is the actor of the ledger entry; the decider is not always it.
    `presumed_competent` says that a young person was 16 or 17, so that nobody had to judge
    (Mental Capacity Act 2005 s.2(5); DOMAIN.md section 3.4). `seconded` is the judgement of
    another professional, which a child below 13 needs besides. `present` is who was in the room;
    empty where nobody wrote it down.
    """

    channel: Channel | None = None
    interpreted_into: str | None = None
    notice_version: str | None = None
    evidence: str | None = None
    recorded_by: str | None = None
    competence: CompetenceJudgement | None = None
    presumed_competent: bool = False
    parents_are_not_told: bool = False
    seconded: CompetenceJudgement | None = None
    present: frozenset[Present] = frozenset()


# Before whom a person may not be free to say what they think (Serious Crime Act 2015 s.76).
_MAY_PRESS = frozenset({Present.PARTNER, Present.RELATIVE_INTERPRETING})


def is_confirmable(told: Circumstances) -> bool:
    """Whether what was said so counts as confirmed by who said it.

    Not before a partner, and not through a relative. Where somebody interpreted it was a
    professional, or nobody knows what was said.
    """
    was_interpreted = told.interpreted_into is not None
    if was_interpreted and Present.PROFESSIONAL_INTERPRETER not in told.present:
        return False
    return _MAY_PRESS.isdisjoint(told.present)
