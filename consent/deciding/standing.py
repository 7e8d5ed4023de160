"""What everybody has said of one person's records of one category, as it stands at one moment.

Decisions are turned into words once, sorted by who said them and when they were written down; a
question then only looks for the word of each that covers it and holds over the others.

Of two words of one decider the later holds, by when each was said. Until it is written down nobody
knows it: so a no that is written down holds at once, over a yes that was said after it, until a yes
is written down that was said later still.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from consent.deciding.words import Word
from consent.lawfulness import DUTIES, Basis
from consent.model import DeciderKind, Mode, Recipient, Response, SharingDecision
from consent.question import Reason
from schemas.identifiers import DecisionId
from schemas.vocabulary import Purpose, Source

_DENYING_RESPONSES = {
    Response.REFUSED: Reason.REFUSED,
    Response.OBJECTED: Reason.OBJECTED,
    Response.DETRIMENTAL: Reason.DETRIMENTAL,
}
_PERMITTING_BASES = {
    Basis.CONSENT: Reason.CONSENT,
    Basis.PUBLIC_TASK: Reason.PUBLIC_TASK,
}
"""A duty is not among them: it permits by rule 4, for safeguarding, or not at all."""
_BOTH_MODES = frozenset(Mode)
_NO_MODE = frozenset[Mode]()


@dataclass(frozen=True, slots=True)
class Saying:
    """A decision and what it says at a moment, in these modes, known since when.

    A duty says nothing beside what others say: it goes over them, by rule 4. `silence` is why the
    decision permits nothing, where it says nothing more.
    """

    decision: SharingDecision
    since: datetime
    modes: frozenset[Mode] = _NO_MODE
    word: Word | None = None
    duty: Word | None = None
    silence: Reason | None = None


Voice = Sequence[Word]
"""All that one decider has said, what was written down last first."""


@dataclass(frozen=True, slots=True)
class Voices:
    """Everyone who has said anything for one purpose and mode, and the duties on record."""

    duties: Voice
    young_people: Sequence[Voice]
    parents: Sequence[Voice]
    others: Sequence[Voice]

    def duty(self, source: Source, names: frozenset[Recipient]) -> Word | None:
        """A recorded duty to share this source's records with one of these names, if any."""
        return next(iter(_latest([self.duties], source, names)), None)

    def words(self, source: Source, names: frozenset[Recipient]) -> list[Word]:
        """The latest word of each decider that covers this source and recipient.

        Where a young person judged competent has decided, parents' words do not count
        (DESIGN.md section 4, rule 6).
        """
        words = _latest(self.young_people, source, names) if self.young_people else []
        if not words:
            words = _latest(self.parents, source, names)
        return words + _latest(self.others, source, names) if self.others else words


class Standing:
    """What had been said by one moment about one person's records of one category.

    `silence` is why nothing permits where nobody has said anything that covers a question.
    """

    __slots__ = ("_voices", "sayings", "silence")

    def __init__(self, sayings: Sequence[Saying]) -> None:
        """Take what is said of this person and category, the latest first."""
        silences = {saying.silence for saying in sayings}
        kept = (r for r in (Reason.EXPIRED, Reason.NOT_ASKED) if r in silences)
        self.sayings = sayings
        self.silence = Word(permits=False, reason=next(kept, Reason.NO_DECISION))
        self._voices: dict[tuple[Purpose, Mode], Voices] = {}

    def voices(self, purpose: Purpose, mode: Mode) -> Voices:
        """Who has said something for this purpose, of content or of existence."""
        found = self._voices.get((purpose, mode))
        if found is None:
            found = self._voices[purpose, mode] = _voices_of(self.sayings, purpose, mode)
        return found


def sayings_at(decisions: Iterable[SharingDecision], at: datetime) -> list[Saying]:
    """What each decision that counts at that moment says, the latest first.

    At the same moment a no comes before a yes; the id settles what time and effect do not, so
    that the order of `decisions` does not matter.
    """
    sayings = [
        _saying(d, at)
        for d in decisions
        if counts_at(d, at) and not is_superseded(d, at) and not is_only_proposed(d, at)
    ]
    sayings.sort(key=_no_before_yes)
    sayings.sort(key=_since, reverse=True)
    return sayings


def counts_at(decision: SharingDecision, at: datetime) -> bool:
    """Whether the decision was on record by then and is not invalid."""
    return decision.known_at <= at and decision.invalidated_at is None


def is_only_proposed(decision: SharingDecision, at: datetime) -> bool:
    """Whether it waited for a second hand then; one that was withdrawn meanwhile says no."""
    proposed, confirmed_at = decision.proposed, decision.confirmed_at
    if proposed is None or at < proposed.at or is_withdrawn(decision, at):
        return False
    return confirmed_at is None or not proposed.at <= confirmed_at <= at


def is_withdrawn(decision: SharingDecision, at: datetime) -> bool:
    """Whether it had been withdrawn by then."""
    return decision.withdrawn_at is not None and decision.withdrawn_at <= at


def is_superseded(decision: SharingDecision, at: datetime) -> bool:
    """Whether another decision of the same decider stood in its place by then."""
    return decision.superseded_at is not None and decision.superseded_at <= at


def has_expired(decision: SharingDecision, at: datetime) -> bool:
    """Whether its time had run out by then."""
    return decision.until is not None and decision.until <= at


def _latest(voices: Iterable[Voice], source: Source, names: frozenset[Recipient]) -> list[Word]:
    """The word of each voice that covers this and holds; without names only words to everyone."""
    found: list[Word] = []
    for voice in voices:
        holding = _holding(
            word
            for word in voice
            if (not word.sources or source in word.sources)
            and (not word.recipients or not word.recipients.isdisjoint(names))
        )
        if holding is not None:
            found.append(holding)
    return found


def _holding(words: Iterable[Word]) -> Word | None:
    """A yes that was said after every no, and written down after it; else a no, if there is any.

    Takes the words of one decider, what was written down last first.
    """
    yes: Word | None = None
    is_after_all = True
    for word in words:
        if not word.permits:
            if yes is None or word.said_at >= yes.said_at:
                return word
            is_after_all = False
        elif yes is None or (is_after_all and word.said_at > yes.said_at):
            yes = word
    return yes


def _voices_of(sayings: Iterable[Saying], purpose: Purpose, mode: Mode) -> Voices:
    duties: list[Word] = []
    kinds: dict[DeciderKind, dict[str, list[Word]]] = {}
    for saying in sayings:
        if purpose not in saying.decision.purposes or mode not in saying.modes:
            continue
        if saying.duty is not None and purpose is Purpose.SAFEGUARDING:
            duties.append(saying.duty)
        if saying.word is not None:
            decider = saying.decision.decided_by
            voices = kinds.setdefault(decider.kind, {})
            voices.setdefault(decider.reference, []).append(saying.word)
    return Voices(
        duties,
        young_people=[*kinds.pop(DeciderKind.YOUNG_PERSON, {}).values()],
        parents=[*kinds.pop(DeciderKind.PARENT, {}).values()],
        others=[voice for voices in kinds.values() for voice in voices.values()],
    )


def _saying(decision: SharingDecision, at: datetime) -> Saying:
    is_given = decision.response is Response.GIVEN
    expired = Reason.EXPIRED if is_given and has_expired(decision, at) else None
    if decision.withdrawn_at is not None and is_withdrawn(decision, at):
        # A withdrawn permission says no from then on; a withdrawn refusal says nothing more.
        withdrawn = replace(_word(decision, Reason.WITHDRAWN), said_at=decision.withdrawn_at)
        word = withdrawn if is_given else None
        return Saying(decision, decision.withdrawn_at, _BOTH_MODES, word, silence=expired)
    if decision.response is Response.NOT_ASKED:
        return Saying(decision, decision.known_at, silence=Reason.NOT_ASKED)
    if has_expired(decision, at):
        return Saying(decision, decision.known_at, silence=expired)
    return _saying_in_force(decision)


def _saying_in_force(decision: SharingDecision) -> Saying:
    """To permit content is to permit existence; to refuse existence is to refuse content."""
    is_given = decision.response is Response.GIVEN
    wider = Mode.CONTENT if is_given else Mode.EXISTENCE
    bases, responses = _PERMITTING_BASES, _DENYING_RESPONSES
    reason = bases.get(decision.basis) if is_given else responses.get(decision.response)
    return Saying(
        decision,
        decision.known_at,
        _BOTH_MODES if decision.mode is wider else frozenset({decision.mode}),
        word=None if reason is None else _word(decision, reason, permits=is_given),
        duty=_word(decision, Reason.DUTY, permits=True)
        if is_given and decision.basis in DUTIES
        else None,
    )


def _word(decision: SharingDecision, reason: Reason, *, permits: bool = False) -> Word:
    is_duty = reason is Reason.DUTY
    return Word(
        permits,
        reason,
        decision.id,
        decision.sources,
        decision.recipients,
        review=is_duty,
        is_parents=decision.decided_by.kind is DeciderKind.PARENT,
        said_at=decision.decided_at,
    )


def _since(saying: Saying) -> datetime:
    return saying.since


def _no_before_yes(saying: Saying) -> tuple[bool, DecisionId]:
    return saying.word is not None and saying.word.permits, saying.decision.id
