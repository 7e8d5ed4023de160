"""Payloads of invented children, as many as wanted, for benchmarks and tests."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from random import Random
from typing import Any, Final

from schemas.identifiers import Upn

_SEED: Final = 20261122
_FIRST_NUMBER: Final = 999_400_600_000
_NEWEST_BIRTH: Final = date(2026, 8, 31)
_OLDEST_IN_DAYS: Final = 17 * 365
_FIRST_REFERRAL: Final = date(2025, 1, 6)
_BODY: Final = 1000
_LETTERS: Final = "ABDEFGHJLNPQRSTUWXYZ"
_GIVEN: Final = "Ada Bilal Cerys Dina Elif Femi Gwen Hugo Isla Jonas Keira Leon Mina Noor Oscar"
_FAMILY: Final = (
    "Ashdown Birchall Caverly Dunmore Everett Fairlie Garside Holt Iqbal Jessop Kerr Lomax "
    "Mendes Norris Okoro Penrose Quayle Rahman Selby Tunstall Underhill Vance Wragg Yardley"
)


@dataclass(frozen=True, slots=True, repr=False)
class GeneratedChild:
    """One child: by which number and birth date a decision finds them, and their payload."""

    upn: str
    date_of_birth: str
    payload: dict[str, Any]


def generated_csc(children: int, *, seed: int = _SEED) -> Iterator[bytes]:
    """Bodies of up to a thousand children each, about 1.5 KB a child; the same for one seed."""
    found = generate_children(children, seed=seed)
    while batch := [child.payload for child in islice(found, _BODY)]:
        yield json.dumps(batch).encode()


def generate_children(count: int, *, seed: int = _SEED) -> Iterator[GeneratedChild]:
    """Children of authority 999: an open episode each, every fourth with one that is closed.

    Every fifth is under a child protection plan, every tenth is looked after.
    """
    random = Random(seed)
    for index in range(count):
        details = _details(random, index)
        payload = {
            "la_code": 999,
            "la_child_id": f"GC-{index}",
            "mis_child_id": f"M-{index}",
            "purge": False,
            "child_details": details,
            "health_and_wellbeing": {"sdq_assessments": [], "purge": False},
            "social_care_episodes": list(_episodes(random, index)),
        }
        number, born = details["unique_pupil_number"], details["date_of_birth"]
        yield GeneratedChild(number, born, payload)


def _details(random: Random, index: int) -> dict[str, Any]:
    letters = "".join(random.choices(_LETTERS, k=2))
    born = _NEWEST_BIRTH - timedelta(days=random.randrange(_OLDEST_IN_DAYS))
    return {
        "unique_pupil_number": Upn.with_check_letter(f"{_FIRST_NUMBER + index}").value,
        "first_name": random.choice(_GIVEN.split()),
        "surname": random.choice(_FAMILY.split()),
        "date_of_birth": born.isoformat(),
        "sex": random.choice("FM"),
        "ethnicity": "WBRI",
        "disabilities": random.choice(([], [], [], ["LD"], ["HEAR", "MOB"])),
        "postcode": f"NF{random.randrange(1, 10)} {random.randrange(10)}{letters}",
        "purge": False,
    }


def _episodes(random: Random, index: int) -> Iterator[dict[str, Any]]:
    referred = _FIRST_REFERRAL + timedelta(days=random.randrange(500))
    if index % 4 == 0:
        closed = {"closure_date": _after(referred, -30), "closure_reason": "RC8"}
        yield _episode(random, f"EP-{index}-0", referred - timedelta(days=200)) | closed
    episode = _episode(random, f"EP-{index}-1", referred)
    episode["child_in_need_plans"] = [
        {"child_in_need_plan_id": f"N-{index}", "start_date": _after(referred, 50), "purge": False}
    ]
    if index % 5 == 0:
        episode["section_47_assessments"] = [
            {
                "section_47_assessment_id": f"S-{index}",
                "start_date": _after(referred, 10),
                "icpc_required_flag": True,
                "icpc_date": _after(referred, 24),
                "end_date": _after(referred, 24),
                "purge": False,
            }
        ]
        episode["child_protection_plans"] = [
            {
                "child_protection_plan_id": f"P-{index}",
                "start_date": _after(referred, 24),
                "purge": False,
            }
        ]
    if index % 10 == 0:
        episode["child_looked_after_placements"] = [
            {
                "child_looked_after_placement_id": f"PL-{index}",
                "start_date": _after(referred, 80),
                "postcode": f"NF9 {random.randrange(10)}PL",
                "purge": False,
            }
        ]
    yield episode


def _episode(random: Random, number: str, referred: date) -> dict[str, Any]:
    return {
        "social_care_episode_id": number,
        "referral_date": referred.isoformat(),
        "referral_source": random.choice(("1A", "2A", "3A", "3B", "6", "9")),
        "referral_no_further_action_flag": False,
        "care_worker_details": [
            {"worker_id": f"SW-{random.randrange(100, 400)}", "start_date": _after(referred, 3)}
        ],
        "child_and_family_assessments": [
            {
                "child_and_family_assessment_id": f"A-{number}",
                "start_date": _after(referred, 4),
                "authorisation_date": _after(referred, 44),
                "factors": ["3B", "4B"],
                "purge": False,
            }
        ],
        "purge": False,
    }


def _after(day: date, days: int) -> str:
    return (day + timedelta(days=days)).isoformat()
