"""What a child's payload may hold, as the OpenAPI document tells it, and an example of one.

Fields of the DfE's children's social care data API (DOMAIN section 2.3.1). Only a child's shape is
a reason to refuse a batch, so the parts of a child have no type here: one that cannot be read waits
by itself, and is told among the dispositions.
"""

from collections.abc import Mapping
from typing import Any, Final

from connectors.parsing.limits import IDENTIFIER_CHARACTERS

Schema = dict[str, Any]

_NUMBER: Final[Schema] = {
    "type": "string",
    "maxLength": IDENTIFIER_CHARACTERS,
    "pattern": r"^[^\x00]*[^\s\x00][^\x00]*$",
}
_TEXT = "A text."
_DAY = "A day, YYYY-MM-DD; an empty text says that there is none any more."
_FLAG = "true or false."
_ID = "The authority's own number for it, up to 64 characters."
_PURGE: Final[Schema] = {"description": "true takes back everything that was said of this."}


def _fields(**described: str) -> Schema:
    return {name: {"description": words} for name, words in described.items()}


def _part(words: str, properties: Mapping[str, Schema]) -> Schema:
    return {"description": words, "properties": {**properties, "purge": _PURGE}}


def _list(words: str, properties: Mapping[str, Schema], *, takes_back: bool = True) -> Schema:
    held = {**properties, "purge": _PURGE} if takes_back else dict(properties)
    return {"description": words, "items": {"properties": held}}


_DETAILS: Final = _part(
    "Who the child is.",
    _fields(
        unique_pupil_number=_TEXT,
        former_unique_pupil_number="A text; never taken as evidence of who somebody is.",
        unique_pupil_number_unknown_reason=_TEXT,
        first_name="A text, given names apart by spaces.",
        surname=_TEXT,
        date_of_birth=_DAY,
        expected_date_of_birth=_DAY,
        date_of_death=_DAY,
        sex="M, F or U.",
        ethnicity=_TEXT,
        disabilities="A list of codes (NONE, MOB, HAND, PC, INC, COMM, LD, HEAR, VIS, BEH, CON, "
        "AUT, DDA).",
        postcode="A text; may be that of a placement, and is protected always.",
        uasc_flag=_FLAG,
        uasc_end_date=_DAY,
    ),
)
_WELLBEING: Final = _part(
    "Not used: that there are scores is told as more at the source.",
    {"sdq_assessments": {"description": "A list of scores with their dates."}},
)
_WORKERS: Final = _list(
    "Who works on it: the list is complete for its episode, and one left out has gone.",
    _fields(worker_id=_ID, start_date=_DAY, end_date=_DAY),
    takes_back=False,
)
_ITEMS: Final[Schema] = {
    "care_worker_details": _WORKERS,
    "child_and_family_assessments": _list(
        "Assessments.",
        _fields(
            child_and_family_assessment_id=_ID,
            start_date=_DAY,
            authorisation_date=_DAY,
            factors="A list of codes; they stay at the source.",
        ),
    ),
    "child_in_need_plans": _list(
        "Child in need plans.",
        _fields(child_in_need_plan_id=_ID, start_date=_DAY, end_date=_DAY),
    ),
    "section_47_assessments": _list(
        "Section 47 enquiries.",
        _fields(
            section_47_assessment_id=_ID,
            start_date=_DAY,
            icpc_required_flag=_FLAG,
            icpc_date=_DAY,
            end_date=_DAY,
        ),
    ),
    "child_protection_plans": _list(
        "Child protection plans.",
        _fields(child_protection_plan_id=_ID, start_date=_DAY, end_date=_DAY),
    ),
    "child_looked_after_placements": _list(
        "Placements; where a child is placed is protected always.",
        _fields(
            child_looked_after_placement_id=_ID,
            start_date=_DAY,
            start_reason=_TEXT,
            placement_type=_TEXT,
            postcode=_TEXT,
            end_date=_DAY,
            end_reason=_TEXT,
            change_reason=_TEXT,
        ),
    ),
    "adoption": _part(
        "That adoption is planned; matching and placing are never told.",
        _fields(initial_decision_date=_DAY, matched_date=_DAY, placed_date=_DAY),
    ),
    "care_leavers": _part(
        "Somebody who has left care.",
        _fields(contact_date=_DAY, activity=_TEXT, accommodation=_TEXT),
    ),
}
_EPISODES: Final = _list(
    "Episodes of children's social care.",
    {
        **_fields(
            social_care_episode_id=_ID,
            referral_date=_DAY,
            referral_source="A code of the census (1A, 2B, 3A …).",
            referral_no_further_action_flag=_FLAG,
            closure_date=_DAY,
            closure_reason="A code of the census (RC1, RC2 …).",
        ),
        **_ITEMS,
    },
)
CHILD: Final[Schema] = {
    "type": "object",
    "required": ["la_child_id"],
    "properties": {
        "la_child_id": {
            "anyOf": [_NUMBER, {"type": "integer"}],
            "description": "The authority's own number for the child.",
        },
        "mis_child_id": {"description": "A text; not used."},
        "purge": {
            "type": ["boolean", "null"],
            "description": "Takes back everything that was said of the child.",
        },
        "child_details": _DETAILS,
        "health_and_wellbeing": _WELLBEING,
        "social_care_episodes": _EPISODES,
    },
    "description": "One child's payload; blocks, items and fields that are not there say nothing.",
}

EXAMPLE: Final = [
    {
        "la_child_id": "EX-1001",
        "child_details": {
            "unique_pupil_number": "T999200119011",
            "first_name": "Rowan",
            "surname": "Quillfeather",
            "date_of_birth": "2019-05-03",
            "sex": "F",
            "postcode": "ZZ99 3VZ",
        },
        "social_care_episodes": [
            {
                "social_care_episode_id": "EX-E1",
                "referral_date": "2026-03-02",
                "referral_source": "3A",
                "referral_no_further_action_flag": False,
                "care_worker_details": [{"worker_id": "EX-W7", "start_date": "2026-03-04"}],
                "child_in_need_plans": [
                    {"child_in_need_plan_id": "EX-P1", "start_date": "2026-04-01"}
                ],
            }
        ],
    },
    {"la_child_id": "EX-1002", "purge": True},
]
"""An invented child with a plan, and one of whom everything is taken back."""
