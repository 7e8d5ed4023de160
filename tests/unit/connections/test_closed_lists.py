"""Each closed list of the design is the code's, whole, with where it comes from."""

from enum import Enum

import pytest

from schemas.fhir_mapping.connections import TASK_STATUS
from services.interfaces.connections.life import ConnectionStatus, DeclineReason, EndReason
from services.interfaces.directory.entries.form import CAPACITIES
from services.interfaces.directory.entries.needs import Need, needs_in
from services.interfaces.directory.entries.shape import PLACES
from services.interfaces.directory.entries.shape import STATUSES as SERVICE_STATUSES
from services.interfaces.directory.serving.words import CAPACITY_WORDS
from services.portal.front.listed.form import STATUSES

OURS = "Tell Once's own design of what becomes of a request"
ORUK = "OpenReferralUK/uk-profile, schema/service.json and schema/location.json"
SDOH = "HL7/fhir-sdoh-clinicalcare, capacity.md: capacity status of a service"
TASK = "HL7/fhir-sdoh-clinicalcare, SDOHCCTaskForReferralManagement: FHIR R4 TaskStatus without two"
SEEDED = "DFE-Digital/fh-services, categories that organisations are seeded with"

LISTS: list[tuple[str, type[Enum], str]] = [
    (
        OURS,
        ConnectionStatus,
        (
            "draft agreed sent delivered opened accepted contacted started finished declined lapsed"
            " withdrawn"
        ),
    ),
    (
        OURS,
        DeclineReason,
        (
            "full waiting-list age area need-not-ours needs-more-than-we-offer already-with-us"
            " language-or-access duplicate closing other"
        ),
    ),
    (
        OURS,
        EndReason,
        "goals-met family-stopped could-not-reach moved passed-on turned-into-statutory other",
    ),
]
CAPACITY_OF = {
    "capacity": "places",
    "no-capacity": "full",
    "waitlist": "waiting-list",
    "additional-assessment-required": "assess-first",
}
TASKS = "requested accepted rejected in-progress on-hold completed cancelled failed"
CATEGORIES: dict[str, Need] = {
    "Activities, clubs and groups": Need.ACTIVITIES,
    "Debt and welfare advice": Need.MONEY,
    "Domestic abuse": Need.SAFETY,
    "Money, benefits and housing": Need.MONEY,
    "Parenting support": Need.PARENTING,
    "Reducing parental conflict": Need.RELATIONSHIPS,
    "Separating and separated parent support": Need.RELATIONSHIPS,
    "Stopping smoking": Need.SUBSTANCES,
    "Substance misuse (including alcohol and drug)": Need.SUBSTANCES,
    "Targeted youth support": Need.YOUTH,
    "Youth justice services": Need.YOUTH,
    "Hearing and sight": Need.BODY,
    "Mental health, social and emotional support": Need.LOW,
    "Nutrition and weight management": Need.BODY,
    "Oral health": Need.BODY,
    "Public health services": Need.BODY,
    "Birth registration": Need.REGISTERING,
    "Early years language and learning": Need.TALKING,
    "Health visiting": Need.HEALTH_VISITING,
    "Infant feeding support (including breastfeeding)": Need.FEEDING,
    "Midwife and maternity": Need.PREGNANCY,
    "Perinatal mental health support (pregnancy to one year post birth)": Need.LOW,
    "Special educational needs and disabilities (SEND)": Need.SEND,
    "Community transport": Need.TRANSPORT,
}


@pytest.mark.parametrize(("source", "ours", "codes"), LISTS)
def test_list_of_the_design_is_the_code_s(source: str, ours: type[Enum], codes: str):
    """No code more, and none less."""
    assert [one.value for one in ours] == codes.split(), source


def test_every_word_of_capacity_can_be_said_and_is_said_to_families():
    """Beside those, that one does not know, and that one should ring."""
    assert set(CAPACITIES) == {*CAPACITY_OF.values(), "", "ring-first"}, SDOH
    assert set(CAPACITY_WORDS) == set(CAPACITIES) - {""}


def test_statuses_and_places_are_the_profile_s():
    """What is gone for good, "defunct", is read from feeds and written by nobody here."""
    assert set(SERVICE_STATUSES) == {"active", "inactive", "defunct", "temporarily closed"}, ORUK
    assert set(PLACES) == {"physical", "postal", "virtual"}, ORUK
    assert set(STATUSES) == set(SERVICE_STATUSES) - {"defunct"}


def test_tasks_have_statuses_of_the_closed_loop():
    """Never `ready` or `received`; on hold we put nothing, and nothing fails but by lapsing."""
    assert set(TASK_STATUS.values()) <= set(TASKS.split()), TASK


@pytest.mark.parametrize(("category", "need"), CATEGORIES.items())
def test_each_seeded_category_is_found_by_a_need(category: str, need: Need):
    """As feeds name them, in the words of no list of ours."""
    assert need in needs_in([("another-taxonomy", category)], []), SEEDED
