"""What several sources say of two persons, now and before, taken together."""

from dataclasses import replace
from datetime import timedelta

from schemas.identifiers import PersonId
from schemas.vocabulary import IdentifierScheme, Source
from services.people.linking.claims import IdentityClaim, best_of, newest
from services.people.linking.facts import LinkFacts, names_in
from services.people.linking.objections import Objection
from services.people.linking.scoring import Band, shipped_weights
from tests.support.builders import NOW

_DAY = timedelta(days=1)
_ONE, _OTHER = PersonId("01" * 16), PersonId("02" * 16)
_MAYA = LinkFacts(
    given_names=names_in(("Maya",)),
    family_names=names_in(("Okonkwo",)),
    date_of_birth="2021-03-09",
    postcode="NF12AB",
    address="12ALDERWAY",
)
_TWIN = replace(_MAYA, given_names=names_in(("Temi",)))
_MOVED = replace(_MAYA, postcode="XX99ZZ", address="4BROOKSTREET")
_WEIGHTS = shipped_weights()


def _claim(
    facts: LinkFacts, person: PersonId = _ONE, *, days: int = 0, **more: Source
) -> IdentityClaim:
    return IdentityClaim(
        person, more.get("source", Source.HEALTH_VISITING), facts, NOW + days * _DAY
    )


def _band(one: list[IdentityClaim], other: list[IdentityClaim]) -> Band | None:
    best = best_of(one, other, _WEIGHTS)
    return None if best is None else best.score.band


def test_nothing_claimed_is_nothing_to_compare() -> None:
    """Of one of them or of both."""
    assert _band([], [_claim(_MAYA, _OTHER)]) is None


def test_a_name_that_was_corrected_joins_nobody() -> None:
    """Once written down under the twin's name by mistake: somebody looks, no more."""
    corrected = [_claim(_MAYA), _claim(_TWIN, days=1)]

    best = best_of(corrected, [_claim(_MAYA, _OTHER)], _WEIGHTS)

    assert best is not None
    assert best.score.band is Band.REVIEW
    assert Objection.TWIN_OR_SIBLING in best.score.objections


def test_one_source_that_says_otherwise_now_keeps_a_join_from_being_made() -> None:
    """Two sources disagree about the first name: that is for somebody to look at."""
    disagreeing = [_claim(_MAYA), _claim(_TWIN, source=Source.SCHOOLS)]

    assert _band(disagreeing, [_claim(_MAYA, _OTHER)]) is Band.REVIEW


def test_an_old_address_does_not_keep_a_join_from_being_made() -> None:
    """What agrees now is enough; nobody denies that they lived elsewhere."""
    assert _band([_claim(_MOVED), _claim(_MAYA, days=1)], [_claim(_MAYA, _OTHER)]) is Band.JOIN


def test_a_verified_number_that_differs_in_any_claim_is_final() -> None:
    """Also in one from long ago."""
    numbered = [
        replace(_MAYA, numbers=((IdentifierScheme.NHS_NUMBER, number),))
        for number in ("9990000018", "9990000026")
    ]
    one = [_claim(numbered[0]), _claim(_MAYA, days=1)]

    assert _band(one, [_claim(numbered[1], _OTHER)]) is Band.SEPARATE


def test_what_a_source_said_last_is_what_it_says() -> None:
    """Of each source and person one claim."""
    first, second = _claim(_MAYA), _claim(_MOVED, days=1)
    school = _claim(_MAYA, source=Source.SCHOOLS)

    assert newest([first, second, school]) == [second, school]
