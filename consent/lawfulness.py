"""The law a decision rests on: UK GDPR Art. 6 and 9 conditions and statutory gateways.

Kept apart from what the family said. A family can agree, refuse or object in a conversation while
the ground for sharing is a public task; only where the ground is consent can consent be withdrawn
(Art. 7(3)), and only where it is a public task can it be objected to (Art. 21). A duty is neither
withdrawn nor objected away by a family: who recorded that it applies can end it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from schemas.vocabulary import Category, LabelledCode, Purpose


class Basis(LabelledCode):
    """On what ground: consent is one among several (UK GDPR Art. 6(1)(a), (c), (d), (e))."""

    CONSENT = "consent", "Consent"
    PUBLIC_TASK = "public-task", "Public task"
    LEGAL_OBLIGATION = "legal-obligation", "Legal obligation"
    VITAL_INTERESTS = "vital-interests", "Vital interests"


DUTIES = frozenset({Basis.LEGAL_OBLIGATION, Basis.VITAL_INTERESTS})
"""Grounds on which there is a duty to share, whatever the family says."""


class Article6(LabelledCode):
    """The condition of UK GDPR Art. 6(1) that a basis is."""

    CONSENT = "art-6-1-a", "Consent to the processing (UK GDPR Art. 6(1)(a))"
    LEGAL_OBLIGATION = "art-6-1-c", "A duty laid down by law (UK GDPR Art. 6(1)(c))"
    VITAL_INTERESTS = "art-6-1-d", "To protect somebody's life (UK GDPR Art. 6(1)(d))"
    PUBLIC_TASK = "art-6-1-e", "A task in the public interest (UK GDPR Art. 6(1)(e))"


ARTICLE_6: Mapping[Basis, Article6] = {
    Basis.CONSENT: Article6.CONSENT,
    Basis.PUBLIC_TASK: Article6.PUBLIC_TASK,
    Basis.LEGAL_OBLIGATION: Article6.LEGAL_OBLIGATION,
    Basis.VITAL_INTERESTS: Article6.VITAL_INTERESTS,
}
"""Which condition each basis is; the two can never disagree, because one is read off the other."""


class Article9(LabelledCode):
    """The condition of UK GDPR Art. 9(2) under which special categories are shared."""

    EXPLICIT_CONSENT = "art-9-2-a", "Explicit consent (UK GDPR Art. 9(2)(a))"
    SOCIAL_PROTECTION = "art-9-2-b", "Social protection law (UK GDPR Art. 9(2)(b))"
    VITAL_INTERESTS = "art-9-2-c", "To protect somebody's life (UK GDPR Art. 9(2)(c))"
    SUBSTANTIAL_PUBLIC_INTEREST = (
        "art-9-2-g",
        "Substantial public interest, as safeguarding children (UK GDPR Art. 9(2)(g))",
    )
    HEALTH_OR_SOCIAL_CARE = "art-9-2-h", "Health or social care (UK GDPR Art. 9(2)(h))"
    PUBLIC_HEALTH = "art-9-2-i", "Public health (UK GDPR Art. 9(2)(i))"


class Gateway(LabelledCode):
    """The statute that lets, or makes, a body share (DOMAIN.md sections 1.3, 3.1 and 3.2)."""

    CHILDREN_ACT_1989_S17 = "children-act-1989-s17", "Children Act 1989 s.17: children in need"
    CHILDREN_ACT_1989_S47 = "children-act-1989-s47", "Children Act 1989 s.47: enquiries"
    CHILDREN_ACT_2004_S10 = "children-act-2004-s10", "Children Act 2004 s.10: co-operation"
    CHILDREN_ACT_2004_S11 = "children-act-2004-s11", "Children Act 2004 s.11: safeguarding"
    CHILDREN_ACT_2004_S16LA = (
        "children-act-2004-s16la",
        "Children Act 2004 s.16LA: duty to share (where it is in force)",
    )
    CARE_ACT_2014 = "care-act-2014", "Care Act 2014"
    EDUCATION_ACT_2002_S175 = "education-act-2002-s175", "Education Act 2002 s.175: pupils' welfare"
    DIGITAL_ECONOMY_ACT_2017_S35 = (
        "digital-economy-act-2017-s35",
        "Digital Economy Act 2017 s.35: public service delivery",
    )
    CRIME_AND_DISORDER_ACT_1998 = "crime-and-disorder-act-1998", "Crime and Disorder Act 1998"


_SPECIAL_CATEGORIES_IN_PUBLIC_WORK = frozenset(
    {
        Article9.SOCIAL_PROTECTION,
        Article9.SUBSTANTIAL_PUBLIC_INTEREST,
        Article9.HEALTH_OR_SOCIAL_CARE,
        Article9.PUBLIC_HEALTH,
    }
)
CONDITIONS: Mapping[Basis, frozenset[Article9]] = {
    Basis.CONSENT: frozenset({Article9.EXPLICIT_CONSENT}),
    Basis.PUBLIC_TASK: _SPECIAL_CATEGORIES_IN_PUBLIC_WORK,
    Basis.LEGAL_OBLIGATION: _SPECIAL_CATEGORIES_IN_PUBLIC_WORK,
    Basis.VITAL_INTERESTS: frozenset(
        {
            Article9.VITAL_INTERESTS,
            Article9.SUBSTANTIAL_PUBLIC_INTEREST,
            Article9.HEALTH_OR_SOCIAL_CARE,
        }
    ),
}
"""Which Art. 9 conditions go with which basis.

Explicit consent and no other ground goes with consent, because it is withdrawn with it. Where a
life is at stake Art. 9(2)(c) holds only for somebody who cannot consent themselves; for others
it is safeguarding (g) or care (h).
"""
IMPOSE_A_DUTY = frozenset(Gateway) - {
    Gateway.DIGITAL_ECONOMY_ACT_2017_S35,
    Gateway.CRIME_AND_DISORDER_ACT_1998,
}
"""Statutes that a legal obligation can rest on; the others only give a power to share."""


# What a basis needs, where whoever recorded did not say it: derived, so that it is never left out.

SPECIAL_CATEGORIES = frozenset(
    {
        Category.STORY,
        Category.COMMUNICATION_NEEDS,
        Category.CHILD_HEALTH,
        Category.EARLY_HELP,
        Category.SOCIAL_CARE,
        Category.SAFEGUARDING,
    }
)
"""Where there may be health or another special category of data (UK GDPR Art. 9(1))."""
_USUAL_CONDITION: Mapping[Basis, Article9] = {
    Basis.CONSENT: Article9.EXPLICIT_CONSENT,
    Basis.PUBLIC_TASK: Article9.HEALTH_OR_SOCIAL_CARE,
    Basis.LEGAL_OBLIGATION: Article9.SUBSTANTIAL_PUBLIC_INTEREST,
    # Art. 9(2)(c) is only for somebody who cannot consent; safeguarding holds for everybody.
    Basis.VITAL_INTERESTS: Article9.SUBSTANTIAL_PUBLIC_INTEREST,
}
_USUAL_GATEWAY: Mapping[Basis, Gateway] = {
    Basis.PUBLIC_TASK: Gateway.CHILDREN_ACT_2004_S10,
    Basis.LEGAL_OBLIGATION: Gateway.CHILDREN_ACT_2004_S11,
}


@dataclass(frozen=True, slots=True)
class DerivedLaw:
    """What sharing on a basis needs beside it.

    `article_9` is None where no special category is shared. `gateways` is empty where the basis
    is power enough: a family's own consent, and a life at stake.
    """

    article_6: Article6
    article_9: Article9 | None
    gateways: frozenset[Gateway]
    needs_notice: bool


def law_of(
    basis: Basis, categories: Collection[Category], purposes: Collection[Purpose]
) -> DerivedLaw:
    """The law that sharing these categories to these ends rests on, on this basis."""
    is_safeguarding = basis is Basis.PUBLIC_TASK and Purpose.SAFEGUARDING in purposes
    condition, gateway = _USUAL_CONDITION[basis], _USUAL_GATEWAY.get(basis)
    if is_safeguarding:
        # Data Protection Act 2018 Sch. 1 para. 18; Children Act 2004 s.11.
        condition = Article9.SUBSTANTIAL_PUBLIC_INTEREST
        gateway = Gateway.CHILDREN_ACT_2004_S11
    return DerivedLaw(
        article_6=ARTICLE_6[basis],
        article_9=None if SPECIAL_CATEGORIES.isdisjoint(categories) else condition,
        gateways=frozenset() if gateway is None else frozenset({gateway}),
        needs_notice=basis is Basis.CONSENT,
    )


def usual_review(decided_at: datetime) -> datetime:
    """When to ask again, where no end and no day was said: a year later, the same day."""
    try:
        return decided_at.replace(year=decided_at.year + 1)
    except ValueError:  # decided on 29 February
        return decided_at.replace(year=decided_at.year + 1, day=28)
