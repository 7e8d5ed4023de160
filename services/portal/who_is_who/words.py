"""People who may be one, in words: the list, and a pair side by side with what can be said."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from schemas.identifiers import PractitionerId
from schemas.vocabulary import Source
from services.people.linking.comparing import Field, Level
from services.people.linking.objections import Objection
from services.people.linking.ports import ACTOR, JoinRefusal, Review, ReviewState
from services.people.linking.scoring import JOIN_BITS, REVIEW_BITS
from services.people.linking.stewards_view import FieldLine, SideBySide
from services.people.practitioners.people import AgencyToRing, SourceToRing
from services.people.practitioners.stewards import ReviewedPair
from services.portal.frame.addresses import WHO_MAY_BE_ONE, ReviewAddresses
from services.portal.who_is_who.words_reasons import reasons_in_words
from services.portal.words.cards import Tag
from services.portal.words.dates import day_in_words, uk_day_in_words
from services.portal.words.frame import SubPage
from services.portal.words.people import death_in_words, record_reference
from services.profile.families import Deaths

# How far two people agree, in words: each field, and all of it together.

NOT_SAID = "Not said"
_MUCH_BITS = (JOIN_BITS + REVIEW_BITS) / 2
_STRONG_BITS = 4.0
_HARDLY_BITS = 0.5
_OTHER_KINDS = "of different kinds, or not known of both"
_MILLION = 1_000_000
_INWARD = 3
"""The last characters of a postcode, which stand apart."""


@dataclass(frozen=True, slots=True, repr=False)
class LineInWords:
    """One field of both, whether it agrees, and what that says."""

    label: str
    one: str
    other: str
    agreement: Tag
    meaning: str


def line_in_words(line: FieldLine) -> LineInWords:
    """Write one field; what is not known of both says nothing."""
    return LineInWords(
        label="Numbers" if line.field is Field.NUMBER else line.field.label,
        one=_value(line.field, line.one),
        other=_value(line.field, line.other),
        agreement=_agreement(line),
        meaning=_meaning(line),
    )


def score_in_words(bits: float) -> str:
    """Write how much speaks for one person, without saying whether they are."""
    if bits >= JOIN_BITS:
        return "Nearly everything agrees"
    if bits >= _MUCH_BITS:
        return "Much agrees"
    return "Some of it agrees" if bits >= REVIEW_BITS else "Little agrees"


def odds_in_words(bits: float) -> str:
    """Write what the score means: bits are powers of two (services.people.linking.scoring)."""
    times = 2 ** abs(bits)
    if times < 2:  # noqa: PLR2004
        return "What is known of them is as likely if they are one person as if they are two."
    many = "more than a million" if times > _MILLION else f"about {_rounded(times):,}"
    one, two = "if they are one person", "if they are two"
    than = f"{one} than {two}" if bits > 0 else f"{two} than {one}"
    return f"What is known of them is {many} times likelier {than}."


def _rounded(times: float) -> int:
    """One digit that counts: more would claim more than the weights know."""
    return int(float(f"{times:.0e}"))


def _agreement(line: FieldLine) -> Tag:
    match line.level:
        case Level.SAME:
            return Tag("The same", "green")
        case Level.CLOSE:
            return Tag("Nearly the same", "turquoise")
        case Level.ALIKE:
            return Tag("Similar", "yellow")
        case Level.SWAPPED:
            return Tag("In the other’s place", "yellow")
        case Level.DIFFERENT:
            return Tag("Different", "orange")
        case Level.NOT_KNOWN:
            return Tag("Not compared", "grey")
        case _:
            assert_never(line.level)


def _meaning(line: FieldLine) -> str:
    if line.level is Level.NOT_KNOWN:
        is_number = line.field is Field.NUMBER
        return f"Says nothing: {_OTHER_KINDS if is_number else 'not known of both'}"
    if abs(line.bits) < _HARDLY_BITS:
        return "Says hardly anything"
    strongly = "strongly " if abs(line.bits) >= _STRONG_BITS else ""
    return f"Speaks {strongly}{'for' if line.bits > 0 else 'against'} one person"


def _value(field: Field, text: str | None) -> str:
    if not text:
        return NOT_SAID
    match field:
        case Field.BORN:
            return day_in_words(text)
        case Field.POSTCODE:
            return f"{text[:-_INWARD]} {text[-_INWARD:]}".strip()
        case Field.GIVEN | Field.FAMILY | Field.ADDRESS | Field.NUMBER:
            return text
        case _:
            assert_never(field)


# The list of people who may be one: a line a pair, without a name.

PAGE_LENGTH = 25


@dataclass(frozen=True, slots=True)
class StateInWords:
    """A list of pairs in one state: its link, what it is for, what stands when it is empty."""

    link: str
    about: str
    empty: str


_STATES: Mapping[ReviewState, StateInWords] = {
    ReviewState.WAITING: StateInWords(
        "Waiting",
        "Pairs that nobody has looked at yet, those that are likeliest one person first.",
        "No pair is waiting for somebody to look.",
    ),
    ReviewState.ASKED_SOURCE: StateInWords(
        "Sources asked",
        "Pairs about which somebody is asking the sources which is right.",
        "No source is being asked about anybody.",
    ),
    ReviewState.CLAIMED: StateInWords(
        "For another hand",
        "Pairs that this service or one data steward said are one person, and about whom another "
        "has to say so too. Your own are not among them.",
        "No pair waits for another data steward to say that they are one person.",
    ),
    ReviewState.PARTING: StateInWords(
        "To be parted",
        "Pairs that a health source says are one person and one data steward says are two. "
        "Your own are not among them.",
        "No pair waits for another data steward to say that they are two people.",
    ),
    ReviewState.JOINED: StateInWords(
        "Joined",
        "Pairs that are treated as one person, the latest first. Each join can be undone.",
        "Nobody has been joined.",
    ),
    ReviewState.APART: StateInWords(
        "Two people",
        "Pairs that somebody said are two people, the latest first. Nobody is asked again.",
        "Nobody has been said to be two people.",
    ),
}


@dataclass(frozen=True, slots=True)
class PairLine:
    """One pair: its reference, how much agrees, and what has happened."""

    reference: str
    href: str
    score: str
    happened: str


@dataclass(frozen=True, slots=True)
class PairsPage:
    """One page of the pairs in one state; the links before and after are None at the ends."""

    words: StateInWords
    states: tuple[SubPage, ...]
    lines: tuple[PairLine, ...]
    found: str
    previous: str | None
    next: str | None


def pairs_page(
    reviews: Sequence[Review], state: ReviewState, number: int, who: PractitionerId
) -> PairsPage:
    """Make one page of these reviews, counted from 1; beyond the last one there are no lines."""
    ordered = list(reviews) if state.is_open else sorted(reviews, key=_latest, reverse=True)
    first = (number - 1) * PAGE_LENGTH
    shown = ordered[first : first + PAGE_LENGTH]
    return PairsPage(
        words=_STATES[state],
        states=tuple(SubPage(_STATES[s].link, _address(s), s is state) for s in _STATES),
        lines=tuple(_line(review, who) for review in shown),
        found=f"{len(ordered)} {'pair' if len(ordered) == 1 else 'pairs'}",
        previous=_address(state, number - 1) if number > 1 else None,
        next=_address(state, number + 1) if first + PAGE_LENGTH < len(ordered) else None,
    )


def happened_in_words(review: Review, who: PractitionerId) -> str:
    """Write what became of a pair, when and by whom."""
    opened = uk_day_in_words(review.opened_at)
    asked = uk_day_in_words(review.asked_at or review.opened_at)
    answered = uk_day_in_words(review.answered_at or review.opened_at)
    match review.state:
        case ReviewState.WAITING:
            return f"Waiting since {opened}"
        case ReviewState.ASKED_SOURCE:
            return f"Sources asked on {asked}"
        case ReviewState.CLAIMED:
            return f"Said to be one person on {answered} by {_by(review, who)}"
        case ReviewState.PARTING:
            return f"One person; said to be two on {answered} by {_by(review, who)}"
        case ReviewState.JOINED:
            return f"Joined on {answered} by {_by(review, who)}"
        case ReviewState.APART:
            return f"Said to be two people on {answered} by {_by(review, who)}"
        case _:
            assert_never(review.state)


def _line(review: Review, who: PractitionerId) -> PairLine:
    return PairLine(
        reference=record_reference(review.id),
        href=ReviewAddresses(review.id).pair,
        score=score_in_words(review.bits),
        happened=happened_in_words(review, who),
    )


def _by(review: Review, who: PractitionerId) -> str:
    if review.answered_by == ACTOR:
        return "this service, because all that is known agrees"
    return "you" if review.answered_by == f"practitioner:{who}" else "a data steward"


def _latest(review: Review) -> tuple[str, str]:
    return (review.answered_at or review.opened_at).isoformat(), review.id


def _address(state: ReviewState, number: int = 1) -> str:
    chosen = [] if state is ReviewState.WAITING else [f"state={state.value}"]
    paged = [f"page={number}"] if number > 1 else []
    query = "&".join((*chosen, *paged))
    return f"{WHO_MAY_BE_ONE}?{query}" if query else WHO_MAY_BE_ONE


_BORN_OTHERWISE = frozenset({Level.CLOSE, Level.ALIKE, Level.DIFFERENT})
_NO_NUMBER = "telephone number not known"


@dataclass(frozen=True, slots=True, repr=False)
class SideInWords:
    """Both of them, what agrees, what speaks against, and what follows; who of them has died."""

    one: str
    other: str
    lines: tuple[LineInWords, ...]
    score: str
    odds: str
    objections: tuple[str, ...]
    born_otherwise: bool
    reasons: tuple[str, ...]
    deaths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToRing:
    """Whom to ring about what one source says."""

    source: str
    agencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PossibleAnswers:
    """What can be said about the pair as it stands now; `never` are reasons against any join.

    `confirm` is what somebody else said and is asked about, `waits` that another has to answer.
    """

    join: bool
    confirm: str | None
    waits: str | None
    apart: bool
    ask: bool
    undo: bool
    never: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class PairInWords:
    """The page of one pair; `side` is None where nothing of one of them may be compared."""

    reference: str
    happened: str
    side: SideInWords | None
    answers: PossibleAnswers
    to_ring: tuple[ToRing, ...]


def pair_in_words(
    pair: ReviewedPair, who: PractitionerId, deaths: Deaths = (None, None)
) -> PairInWords:
    """Write one pair for the steward who looks at it."""
    return PairInWords(
        reference=record_reference(pair.review.id),
        happened=happened_in_words(pair.review, who),
        side=None if pair.side is None else _side(pair.side, deaths),
        answers=_answers(pair, who),
        to_ring=tuple(_to_ring(source) for source in pair.to_ring),
    )


def why_not_in_words(refused: JoinRefusal) -> str:
    """Write why nothing was done, for the notice above the pair."""
    return f"Nothing was changed. {refused.label}."


def _side(side: SideBySide, deaths: Deaths) -> SideInWords:
    born = next(line for line in side.lines if line.field is Field.BORN)
    both = _whose(side.one_source, side.one), _whose(side.other_source, side.other)
    told = zip(both, deaths, strict=True)
    return SideInWords(
        one=both[0],
        other=both[1],
        deaths=tuple(f"{who}: {death_in_words(death)}" for who, death in told if death),
        lines=tuple(line_in_words(line) for line in side.lines),
        score=score_in_words(side.bits),
        odds=odds_in_words(side.bits),
        objections=tuple(f"{o.label}." for o in side.objections),
        born_otherwise=born.level in _BORN_OTHERWISE,
        reasons=reasons_in_words(side),
    )


def _whose(source: Source, person: str) -> str:
    return f"{source.label} (record {record_reference(person)})"


_WAITS = {
    ReviewState.CLAIMED: (
        "Another data steward has to say so too. Until then a refusal, an objection or a "
        "restriction about either holds for both, and nobody is shown more by it."
    ),
    ReviewState.PARTING: (
        "A health source says that they are one person, so another data steward has to say that "
        "they are two. Until then they are shown as one. It lapses after 14 days."
    ),
}
_CONFIRM = {
    ReviewState.CLAIMED: "I have checked: they are one person",
    ReviewState.PARTING: "I have checked: they are two people",
}


def _answers(pair: ReviewedPair, who: PractitionerId) -> PossibleAnswers:
    state = pair.review.state
    never = tuple(f"{o.label}." for o in _never(pair.side.objections if pair.side else ()))
    is_one = state is ReviewState.JOINED or state.waits_for_another
    is_own = pair.review.answered_by == f"practitioner:{who}"
    can_confirm = not is_own and (state is ReviewState.PARTING or pair.side is not None)
    return PossibleAnswers(
        join=not is_one and pair.side is not None and not never,
        confirm=_CONFIRM.get(state) if can_confirm else None,
        waits=_WAITS.get(state),
        apart=state.is_open,
        ask=state is ReviewState.WAITING and pair.side is not None,
        undo=state in {ReviewState.CLAIMED, ReviewState.JOINED},
        never=() if is_one else never,
    )


def _never(objections: Iterable[Objection]) -> list[Objection]:
    """What no steward can overrule (JoinRefusal says the same when it is tried)."""
    return [o for o in objections if o.is_final or o is Objection.PROTECTED]


def _to_ring(source: SourceToRing) -> ToRing:
    return ToRing(source.source.label, tuple(_agency(agency) for agency in source.agencies))


def _agency(agency: AgencyToRing) -> str:
    return f"{agency.name}: {agency.telephone or _NO_NUMBER}"
