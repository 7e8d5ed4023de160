"""What a tombstone carries, and whose it is: a no, of whom nothing can be told."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from consent.circumstances import Circumstances
from consent.model import Mode, Response, SharingDecision
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Category, Purpose, Source
from services.decisions.documents import document_from_decision
from services.lifecycle.tombstones.tombstone import (
    Tombstone,
    carried,
    known_again_by,
    restored,
)
from services.platform.keys.hashing import EndedKind, KeyedHasher, Token, TokenKind
from tests.support.builders import CHILD, DAY, FATHER, NOW, SIBLING, a_permit

HASHER = KeyedHasher(b"k" * 32)
NHS, OTHER_NHS = b"n" * 16, b"o" * 16
NAMED = Token(TokenKind.DEMOGRAPHICS, b"d" * 16)


def a_no(**more: Any) -> SharingDecision:
    """Build a refusal of the mother's."""
    response = more.pop("response", Response.REFUSED)
    return replace(a_permit(**more), response=response, mode=Mode.EXISTENCE)


def _carried(*decisions: SharingDecision) -> tuple[SharingDecision, ...]:
    return carried(decisions, NOW, HASHER.opaque)


def _left(*tokens: tuple[str, bytes]) -> Tombstone:
    known = known_again_by(tokens, HASHER)
    return Tombstone("e" * 32, frozenset({CHILD}), *known, frozenset(), _carried(a_no()), NOW)


@pytest.mark.parametrize("response", [Response.REFUSED, Response.OBJECTED, Response.DETRIMENTAL])
def test_what_says_no_is_carried_with_all_that_it_says_no_to(response: Response):
    """To which categories, sources and recipients; for which purposes."""
    no = a_no(
        response=response,
        category=[Category.SOCIAL_CARE],
        purpose=[Purpose.DIRECT_CARE, Purpose.EARLY_HELP],
        sources=[Source.SCHOOLS],
        recipients=["agency:schools"],
    )

    (kept,) = _carried(no)

    assert (kept.response, kept.categories, kept.purposes, kept.sources, kept.recipients) == (
        response,
        no.categories,
        no.purposes,
        no.sources,
        no.recipients,
    )


def test_a_yes_that_was_withdrawn_is_carried_as_a_no():
    """A withdrawal says no until somebody says yes again."""
    (kept,) = _carried(a_permit(withdrawn_at=NOW - DAY, until=NOW + DAY))

    assert (kept.response, kept.mode, kept.until) == (Response.REFUSED, Mode.EXISTENCE, None)


@pytest.mark.parametrize(
    "decision",
    [
        a_permit(),
        a_no(withdrawn_at=NOW - DAY),
        a_no(until=NOW - DAY),
        a_no(invalidated_at=NOW - DAY),
        a_no(superseded_at=NOW - DAY),
    ],
    ids=["yes", "taken-back", "over", "invalid", "replaced"],
)
def test_what_says_no_no_more_is_not_carried(decision: SharingDecision):
    """It would bring back what the family has ended."""
    assert _carried(decision) == ()


def test_a_no_to_which_its_decider_said_yes_later_is_not_carried():
    """Another parent's yes, or one to a part of it, takes nothing back."""
    no = a_no(decided_at=NOW - 9 * DAY, category=[Category.EDUCATION, Category.CHILD_HEALTH])
    again = a_permit(
        id="d1" * 16,
        decided_at=NOW - DAY,
        category=[Category.EDUCATION, Category.CHILD_HEALTH],
    )

    assert _carried(no, again) == ()
    assert len(_carried(no, replace(again, decided_at=no.decided_at - DAY))) == 1
    assert len(_carried(no, replace(again, decided_by=FATHER))) == 1
    assert len(_carried(no, replace(again, categories=frozenset({Category.EDUCATION})))) == 1


def test_nothing_that_is_carried_names_anybody():
    """Neither who decided, nor who wrote it down, nor about whom, nor which decision it was."""
    told = Circumstances(recorded_by="practitioner:" + "b0" * 16, evidence="ab" * 16)
    no = a_no(circumstances=told, subjects=[CHILD, SIBLING])

    (kept,) = _carried(no)

    written = document_from_decision(kept).decode()
    for name in (CHILD, SIBLING, no.decided_by.reference, "b0" * 16, "ab" * 16, no.id):
        assert f'"{name}"' not in written
    assert orjson.loads(written)["subjects"] == []
    assert (kept.decided_at, no.decided_at.isoformat() in written) == (NOW, False)


def test_deciders_stay_voices_apart_and_are_nobodys():
    """Whoever says yes later under the same name does not take it back by that."""
    mothers, fathers = a_no(), a_no(id="d1" * 16, decided_by=FATHER)

    kept = _carried(mothers, fathers)

    voices = {one.decided_by.reference for one in kept}
    assert len(voices) == 2
    assert voices.isdisjoint({mothers.decided_by.reference, FATHER.reference})


def test_restored_it_is_the_same_decision_each_time_and_another_for_each_person():
    """So that whoever is found to come again twice has it once."""
    tombstone = _left()
    (no,) = tombstone.refusals

    first, again = (restored(no, tombstone, CHILD, NOW) for _ in range(2))

    assert first == again
    assert first.subjects == {CHILD}
    assert restored(no, tombstone, SIBLING, NOW).id != first.id


def test_whoever_has_the_number_comes_again():
    """Also one that was replaced since; whatever they are called."""
    tombstone = _left(("nhs-number", NHS), (EndedKind.SUPERSEDED.value, OTHER_NHS))

    for number in (NHS, OTHER_NHS):
        assert tombstone.is_of([Token(TokenKind.NHS_NUMBER, number)], HASHER)
    assert not tombstone.is_of([Token(TokenKind.NHS_NUMBER, b"x" * 16), NAMED], HASHER)


def test_a_number_that_was_never_theirs_is_of_nobody():
    """Its source had said so."""
    tombstone = _left((EndedKind.INVALIDATED.value, NHS))

    assert not tombstone.is_of([Token(TokenKind.NHS_NUMBER, NHS)], HASHER)


def test_whoever_is_called_the_same_comes_again_unless_they_have_another_number():
    """Twins of one name do not; who is known by no number does."""
    tombstone = _left(("nhs-number", NHS), (TokenKind.DEMOGRAPHICS.value, NAMED.value))

    assert tombstone.is_of([NAMED], HASHER)
    assert tombstone.is_of([NAMED, Token(TokenKind.UPN, b"u" * 16)], HASHER)
    assert not tombstone.is_of([NAMED, Token(TokenKind.NHS_NUMBER, OTHER_NHS)], HASHER)


def test_one_that_was_changed_is_of_whoever_it_is_found_for():
    """It may have been theirs."""
    tombstone = replace(_left(), is_intact=False)

    assert tombstone.is_of([NAMED], HASHER)


def test_a_later_tombstone_is_of_all_whom_the_earlier_were_of():
    """And the earlier bring nothing any more: what was ended since does not come back."""
    earlier = _left(("nhs-number", NHS))
    later = replace(
        _left(("nhs-number", OTHER_NHS)), persons=frozenset({PersonId("c9" * 16)}), refusals=()
    ).with_all_of([earlier])

    assert later.is_of([Token(TokenKind.NHS_NUMBER, NHS)], HASHER)
    assert later.persons == {CHILD, PersonId("c9" * 16)}
    assert later.brings_nothing
    assert earlier.handed_on(NOW).brings_nothing
    assert (earlier.handed_on(NOW).state, DecisionId(earlier.refusals[0].id)) == (
        2,
        earlier.refusals[0].id,
    )
