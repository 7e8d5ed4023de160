"""What a basis needs beside it, derived: a line of law each."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.lawfulness import (
    CONDITIONS,
    IMPOSE_A_DUTY,
    SPECIAL_CATEGORIES,
    Article6,
    Article9,
    Basis,
    Gateway,
    law_of,
    usual_review,
)
from schemas.vocabulary import Category, Purpose

HEALTH = {Category.CHILD_HEALTH}
CARE, SAFEGUARDING = {Purpose.DIRECT_CARE}, {Purpose.SAFEGUARDING}


@pytest.mark.parametrize(
    ("basis", "purposes", "article_6", "article_9", "gateways"),
    [
        # UK GDPR Art. 6(1)(a) and 9(2)(a): consent, explicit; a family needs no statute to consent
        (Basis.CONSENT, CARE, Article6.CONSENT, Article9.EXPLICIT_CONSENT, set()),
        # UK GDPR Art. 6(1)(e) and 9(2)(h); Children Act 2004 s.10: agencies co-operate
        (
            Basis.PUBLIC_TASK,
            CARE,
            Article6.PUBLIC_TASK,
            Article9.HEALTH_OR_SOCIAL_CARE,
            {Gateway.CHILDREN_ACT_2004_S10},
        ),
        # UK GDPR Art. 9(2)(g), DPA 2018 Sch. 1 para. 18; Children Act 2004 s.11: safeguarding
        (
            Basis.PUBLIC_TASK,
            SAFEGUARDING,
            Article6.PUBLIC_TASK,
            Article9.SUBSTANTIAL_PUBLIC_INTEREST,
            {Gateway.CHILDREN_ACT_2004_S11},
        ),
        # UK GDPR Art. 6(1)(c) and 6(3): a legal obligation is laid down by a law that is named
        (
            Basis.LEGAL_OBLIGATION,
            SAFEGUARDING,
            Article6.LEGAL_OBLIGATION,
            Article9.SUBSTANTIAL_PUBLIC_INTEREST,
            {Gateway.CHILDREN_ACT_2004_S11},
        ),
        # UK GDPR Art. 6(1)(d): a life at stake needs no statute; (g) holds for who could consent
        (
            Basis.VITAL_INTERESTS,
            SAFEGUARDING,
            Article6.VITAL_INTERESTS,
            Article9.SUBSTANTIAL_PUBLIC_INTEREST,
            set(),
        ),
    ],
)
def test_what_a_basis_needs_follows_from_it(
    basis: Basis,
    purposes: set[Purpose],
    article_6: Article6,
    article_9: Article9,
    gateways: set[Gateway],
):
    """Nobody has to know the law to record a decision that rests on it."""
    law = law_of(basis, HEALTH, purposes)

    assert (law.article_6, law.article_9, law.gateways) == (article_6, article_9, gateways)


@pytest.mark.parametrize("basis", Basis)
def test_names_and_addresses_alone_need_no_special_condition(basis: Basis):
    """UK GDPR Art. 9(1): it is asked for health, belief and origin, not for a name."""
    ordinary = set(Category) - SPECIAL_CATEGORIES

    assert law_of(basis, ordinary, CARE).article_9 is None
    assert law_of(basis, ordinary | HEALTH, CARE).article_9 is not None


@pytest.mark.parametrize("basis", Basis)
def test_only_for_consent_a_notice_is_needed(basis: Basis):
    """UK GDPR Art. 7(1): a controller can show to what was consented."""
    assert law_of(basis, HEALTH, CARE).needs_notice is (basis is Basis.CONSENT)


@given(
    st.sampled_from(Basis),
    st.frozensets(st.sampled_from(Category)),
    st.frozensets(st.sampled_from(Purpose)),
)
def test_what_is_derived_is_what_may_be_recorded(
    basis: Basis, categories: frozenset[Category], purposes: frozenset[Purpose]
):
    """The condition goes with its basis, and an obligation names a duty."""
    law = law_of(basis, categories, purposes)

    assert law.article_9 is None or law.article_9 in CONDITIONS[basis]
    assert basis is not Basis.LEGAL_OBLIGATION or law.gateways & IMPOSE_A_DUTY


def test_what_has_no_end_is_asked_about_again_within_a_year():
    """UK GDPR Art. 5(1)(e): what is shared without an end is looked at again."""
    leap_day, usual_day = (datetime(2028, 2, day, 9, tzinfo=UTC) for day in (29, 28))

    assert usual_review(usual_day) == datetime(2029, 2, 28, 9, tzinfo=UTC)
    assert usual_review(leap_day) == datetime(2029, 2, 28, 9, tzinfo=UTC)
