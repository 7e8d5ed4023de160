"""Episodes of children's social care with one of everything, for tests."""

from typing import Any

from tests.support.messages.csc import Json, a_child, an_episode, csc

PLACEMENT: Json = {
    "child_looked_after_placement_id": "PL-1",
    "start_date": "2026-06-01",
    "postcode": "NF9 9PL",
}
ITEMS: dict[str, Json] = {
    "child_and_family_assessments": {
        "child_and_family_assessment_id": "A-1",
        "start_date": "2026-05-05",
        "authorisation_date": "2026-06-10",
        "factors": ["3B"],
    },
    "child_in_need_plans": {"child_in_need_plan_id": "N-1", "start_date": "2026-06-12"},
    "section_47_assessments": {
        "section_47_assessment_id": "S-1",
        "start_date": "2026-05-06",
        "icpc_required_flag": True,
        "icpc_date": "2026-05-20",
        "end_date": "2026-05-20",
    },
    "child_protection_plans": {"child_protection_plan_id": "P-1", "start_date": "2026-05-20"},
    "child_looked_after_placements": PLACEMENT,
}


def with_episode(**parts: Any) -> bytes:
    """A child with one episode."""
    return csc(a_child(social_care_episodes=[an_episode(**parts)]))


def full_episode(**parts: Any) -> bytes:
    """A child with one episode that has one of everything."""
    return with_episode(**{name: [item] for name, item in ITEMS.items()}, **parts)
