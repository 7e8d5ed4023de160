"""Every trap of linking, as the scorer sees two records by themselves (DOMAIN.md section 4.3)."""

from dataclasses import replace

import pytest

from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.people.linking.claims import IdentityClaim, best_of
from services.people.linking.comparing import Field, Level
from services.people.linking.facts import LinkFacts, facts_from_subject
from services.people.linking.scoring import Band, Score, shipped_weights
from tests.support.builders import NOW
from tests.support.people.link_traps import Outcome, Trap, traps
from tests.support.people.linking_world import AChild

_ALLOWED = {
    Outcome.JOINED: {Band.JOIN},
    Outcome.ASKED: {Band.REVIEW},
    Outcome.APART: {Band.SEPARATE},
    Outcome.HELD: {Band.REVIEW, Band.SEPARATE},
}


@pytest.mark.parametrize("trap", traps(), ids=[trap.name for trap in traps()])
def test_the_scorer_falls_into_no_trap(trap: Trap) -> None:
    """What it says of two records is what a practitioner expects of two children."""
    one = _facts(trap.health, trap, "health")
    other = _facts(trap.school, trap, "school")

    found = best_of(_claims("1", one), _claims("2", other), shipped_weights())

    assert found is not None
    assert _as_joined(found.score) in _ALLOWED[trap.outcome], found.score


def _as_joined(found: Score) -> Band:
    """What comes of it: a join over another date of birth is refused to all but a steward."""
    is_born_otherwise = found.levels[Field.BORN] not in {Level.SAME, Level.NOT_KNOWN}
    return Band.REVIEW if found.band is Band.JOIN and is_born_otherwise else found.band


def _facts(child: AChild, trap: Trap, whose: str) -> LinkFacts:
    facts = facts_from_subject(child.subject(), child.details(), child.contact())
    is_former = trap.left_behind and whose == "health"
    return replace(facts, is_protected=whose in trap.restricted, is_former=is_former)


def _claims(person: str, facts: LinkFacts) -> list[IdentityClaim]:
    return [IdentityClaim(PersonId(person * 32), Source.SCHOOLS, facts, NOW)]
