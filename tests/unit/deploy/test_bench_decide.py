"""`bench decide`: its document, and that Cedar, told the same, answers the same."""

import json
from dataclasses import replace
from random import Random

import pytest

from consent import decide
from consent.agreement import AdoptedAgreement
from consent.model import Mode
from deploy.bench.decide import bench_decide
from deploy.bench.decide_cedar import CedarFamily, cedar_question, cedarpy
from deploy.bench.decide_families import (
    NOW,
    make_families,
    questions_for_one,
    questions_for_the_profile,
)
from schemas.vocabulary import Role
from tests.support.builders import DAY, a_rule, an_agreement

needs_cedar = pytest.mark.skipif(cedarpy() is None, reason="cedarpy is not installed")
AGREED = AdoptedAgreement(
    an_agreement(a_rule(agencies=["health-visiting", "schools"]), a_rule(purposes=["early-help"])),
    NOW - DAY,
)
RATES = {"content for a practitioner", "existence for a practitioner", "shared profile"}


def test_the_document_has_the_shape_that_other_programs_rely_on():
    """DESIGN.md section 15: conditions, figures with units, baselines, ratios."""
    document = bench_decide(families=2, questions=5)

    json.dumps(document)
    assert document.keys() == {"name", "conditions", "figures", "baselines", "ratios"}
    assert document["figures"].keys() >= RATES
    assert all(figure["value"] > 0 for name, figure in document["figures"].items() if name in RATES)
    assert document["conditions"].get("different answers", 0) == 0
    assert bool(document["ratios"]) is (cedarpy() is not None)


def test_every_question_of_a_family_is_another_one():
    """Or remembering would look like deciding."""
    (family,) = make_families(1, agreed=AGREED, seed=1)

    for asked in (
        questions_for_one(family, 200, mode=Mode.CONTENT, random=Random(1)),
        questions_for_the_profile(family, 200, Random(1)),
    ):
        assert len(set(asked)) == 200
        assert 20 < sum(decide(request, family.on_record).is_permitted for request in asked) < 180


@needs_cedar
@pytest.mark.parametrize("mode", Mode)
def test_cedar_told_the_same_answers_the_same(mode: Mode):
    """A third reading of the rules, in another language."""
    random = Random(2)
    for family in make_families(15, agreed=AGREED, seed=3):
        asked = questions_for_one(family, 100, mode=mode, random=random)
        theirs = CedarFamily.of(family, cedarpy()).ask([cedar_question(r) for r in asked])

        ours = [decide(request, family.on_record).is_permitted for request in asked]

        assert theirs == ours


@needs_cedar
@pytest.mark.parametrize("role", [Role.DATA_STEWARD, "cleaner", Role.LEAD_PRACTITIONER])
def test_cedar_knows_who_opens_no_records(role: str):
    """Everybody of the family in that role: both shut them out, or both do not."""
    (family,) = make_families(1, agreed=AGREED, seed=3)
    practitioners = [replace(p, role=role) for p in family.practitioners]
    family = replace(family, practitioners=practitioners)
    asked = questions_for_one(family, 200, mode=Mode.CONTENT, random=Random(2))
    theirs = CedarFamily.of(family, cedarpy()).ask([cedar_question(r) for r in asked])

    ours = [decide(request, family.on_record).is_permitted for request in asked]

    assert theirs == ours
    assert any(ours) is (role is Role.LEAD_PRACTITIONER)
