"""A tombstone: what said no when somebody was erased, and by what they are known again. Pure."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from consent.circumstances import Circumstances
from consent.deciding.standing import Saying, sayings_at
from consent.ledger import entry_id_for
from consent.model import Decider, Mode, Response, SharingDecision
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from services.platform.keys.hashing import NUMBERS, EndedKind, KeyedHasher, Token, TokenKind

ACTOR = "job:tombstone"
"""Who brings back what was refused, as the ledger names it."""

_SINGLE = frozenset({TokenKind.NHS_NUMBER, TokenKind.UPN})
_SAYS_NO = frozenset({Response.REFUSED, Response.OBJECTED, Response.DETRIMENTAL})


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of one erasure. `persons` are the opaque ids of who were erased.

    `numbers` and `demographics` are by what they are known again, `single_kinds` of which number
    that everybody has but one they had one. `refusals` are about nobody yet; `kept_apart` are
    those with whom they were never to be joined, `excluded` the workers whom they had named. One
    that is not `is_intact` is not as it was written: it is of everybody who is found by any of its
    states. What else is to come back to them is added here, in `PostgresTombstones.leave` and in
    its `_bring_back`.
    """

    id: str
    persons: frozenset[PersonId]
    numbers: frozenset[bytes]
    demographics: frozenset[bytes]
    single_kinds: frozenset[str]
    kept_apart: frozenset[PersonId]
    refusals: tuple[SharingDecision, ...]
    left_at: datetime
    excluded: frozenset[PractitionerId] = frozenset()
    state: int = 1
    is_intact: bool = True

    @property
    def brings_nothing(self) -> bool:
        """Whether nothing would come back to anybody."""
        return not self.refusals and not self.kept_apart and not self.excluded

    def with_all_of(self, others: Iterable["Tombstone"]) -> "Tombstone":
        """The same, also for whoever is known by an earlier one of the same person.

        What that had them refuse has come back to them since: it is refused here, or is over.
        """
        whole = self
        for other in others:
            whole = replace(
                whole,
                persons=whole.persons | other.persons,
                numbers=whole.numbers | other.numbers,
                demographics=whole.demographics | other.demographics,
                single_kinds=whole.single_kinds | other.single_kinds,
                kept_apart=whole.kept_apart | other.kept_apart,
            )
        return whole

    def handed_on(self, at: datetime) -> "Tombstone":
        """Its next state, once a later one stands in its place: it brings nothing any more."""
        nothing: frozenset[bytes] = frozenset()
        return replace(
            self,
            numbers=nothing,
            demographics=nothing,
            kept_apart=frozenset(),
            excluded=frozenset(),
            refusals=(),
            left_at=at,
            state=self.state + 1,
        )

    def is_of(self, tokens: Collection[Token], hasher: KeyedHasher) -> bool:
        """Whether it is of whoever has these tokens: by a number, else by name, birth and postcode.

        Who has another number than they had, of a kind of which everybody has but one, is
        somebody else who is called the same.
        """
        if not self.is_intact:
            return True
        hashed = {tomb_token(t.value, hasher) for t in tokens if t.kind in NUMBERS}
        if not hashed.isdisjoint(self.numbers):
            return True
        if not self.single_kinds.isdisjoint(t.kind.value for t in tokens):
            return False
        named = {tomb_token(t.value, hasher) for t in tokens if t.kind is TokenKind.DEMOGRAPHICS}
        return not named.isdisjoint(self.demographics)


def tomb_token(value: bytes, hasher: KeyedHasher) -> bytes:
    """A token as a tombstone keeps it: in no other table is anything like it."""
    return hasher.digest("tombstone", value.hex())[:16]


def known_again_by(
    tokens: Iterable[tuple[str, bytes]], hasher: KeyedHasher
) -> tuple[frozenset[bytes], frozenset[bytes], frozenset[str]]:
    """Numbers, demographics and kinds of number of who had these tokens, by kind.

    A number that was replaced finds them still; one that was never theirs does not.
    """
    found = list(tokens)
    numbers = {kind.value for kind in NUMBERS} | {EndedKind.SUPERSEDED.value}
    return (
        frozenset(tomb_token(value, hasher) for kind, value in found if kind in numbers),
        frozenset(
            tomb_token(value, hasher)
            for kind, value in found
            if kind == TokenKind.DEMOGRAPHICS.value
        ),
        frozenset(kind for kind, _ in found if kind in {one.value for one in _SINGLE}),
    )


def carried(
    decisions: Iterable[SharingDecision], at: datetime, opaque: Callable[..., str]
) -> tuple[SharingDecision, ...]:
    """What says no at that moment, without a word of who said it, when, why or about whom.

    To withdraw a yes is to say no. What its own decider has since said yes to says no no more.
    Each decider stays a voice of their own, and nobody who comes again is that voice.
    """
    sayings = sayings_at(decisions, at)
    standing = [
        saying
        for number, saying in enumerate(sayings)
        if _is_no(saying) and not any(_is_over(saying, later) for later in sayings[:number])
    ]
    return tuple(_bare(saying, at, opaque) for saying in standing)


def restored(
    refusal: SharingDecision, tombstone: Tombstone, person: PersonId, at: datetime
) -> SharingDecision:
    """A carried refusal as it is in force for whoever comes again; the same each time."""
    told = replace(refusal.circumstances, recorded_by=ACTOR)
    return replace(
        refusal,
        id=DecisionId(str(entry_id_for("came-again", tombstone.id, refusal.id, person))),
        subjects=frozenset({person}),
        decided_at=at,
        circumstances=told,
    )


def _is_no(saying: Saying) -> bool:
    return saying.word is not None and not saying.word.permits


def _is_over(no: Saying, later: Saying) -> bool:
    """Whether what the same decider said later, and was written down later, is a yes to it all."""
    before, after = no.decision, later.decision
    return (
        later.word is not None
        and later.word.permits
        and no.word is not None
        and later.word.said_at > no.word.said_at
        and after.decided_by == before.decided_by
        and after.categories >= before.categories
        and after.purposes >= before.purposes
        and (not after.recipients or _within(before.recipients, after.recipients))
        and (not after.sources or _within(before.sources, after.sources))
        and later.modes >= no.modes
    )


def _within(some: Collection[str], others: Collection[str]) -> bool:
    return bool(some) and set(some) <= set(others)


def _bare(saying: Saying, at: datetime, opaque: Callable[..., str]) -> SharingDecision:
    said = saying.decision
    by = Decider(said.decided_by.kind, opaque("tombstone-voice", said.decided_by.reference)[:32])
    is_no_by_itself = said.response in _SAYS_NO
    return SharingDecision(
        id=DecisionId(str(entry_id_for("tombstone", said.id))),
        subjects=frozenset(),
        response=said.response if is_no_by_itself else Response.REFUSED,
        categories=said.categories,
        purposes=said.purposes,
        basis=said.basis,
        decided_by=by,
        decided_at=at,
        recipients=said.recipients,
        sources=said.sources,
        mode=said.mode if is_no_by_itself else Mode.EXISTENCE,
        until=said.until if is_no_by_itself else None,
        circumstances=Circumstances(parents_are_not_told=said.circumstances.parents_are_not_told),
    )


def without_doubles(refusals: Iterable[SharingDecision]) -> Sequence[SharingDecision]:
    """Each refusal once, whoever of several erased together it was about."""
    return list({one.id: one for one in refusals}.values())
