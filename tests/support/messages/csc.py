"""Payloads of the DfE children's social care API, built from what a case cares about."""

import json
from typing import Any

Json = dict[str, Any]


def csc(*children: Json, la_code: int | str = 999) -> bytes:
    """A pushed body: one payload a child, as local authorities' senders write it."""
    payloads = [{"la_code": la_code, "Children": child} for child in children]
    return json.dumps(payloads, indent=2, ensure_ascii=False).encode() + b"\n"


def a_child(**parts: Any) -> Json:
    """A child with ids and details; `details` and `episodes` replace the parts of that name."""
    child = {
        "la_child_id": "NC-1001",
        "mis_child_id": "M-1001",
        "purge": False,
        "child_details": a_child_details(),
        "social_care_episodes": [],
    }
    return child | parts


def a_child_details(**fields: Any) -> Json:
    """Name, date of birth, postcode and UPN."""
    details = {
        "unique_pupil_number": "T999200119011",
        "first_name": "Edie",
        "surname": "Marlow",
        "date_of_birth": "2019-03-05",
        "sex": "F",
        "postcode": "NF1 1AA",
        "purge": False,
    }
    return details | fields


def an_episode(**parts: Any) -> Json:
    """A social care episode, open, with one worker."""
    episode = {
        "social_care_episode_id": "EP-1",
        "referral_date": "2026-05-01",
        "referral_source": "2A",
        "referral_no_further_action_flag": False,
        "care_worker_details": [{"worker_id": "SW-0104", "start_date": "2026-05-04"}],
        "purge": False,
    }
    return episode | parts
