"""A profile as a FHIR Bundle: valid, whole, and the same whenever it is made."""

from dataclasses import replace
from typing import Any

import orjson
from fhir.resources.R4B import get_fhir_model_class

from schemas.fhir_mapping.events import (
    occurrence_from_observation,
    plan_from_care_plan,
    story_from_communication,
)
from schemas.fhir_mapping.people import relationship_from_related_person
from schemas.fhir_mapping.support import help_from_goal, step_from_task
from schemas.records.payloads import (
    CommunicationNeeds,
    FactStatus,
    HelpWanted,
    NextStep,
    WrittenHere,
)
from schemas.vocabulary import Category, Source
from services.interfaces.families.bundle import bundle_from_profile, represented
from services.interfaces.families.negotiation import MediaType
from services.profile.merging.claims import Claim
from services.profile.model import (
    CommunicationView,
    DeathSaid,
    DeathStanding,
    DeathView,
    HelpView,
    StepView,
)
from tests.support.builders import CHILD, DAY, MOTHER_ID, NOW
from tests.support.each_case import each_case
from tests.support.profiles import A_BIRTH, A_STORY, HEALTH, SCHOOL, a_person, a_profile

CHILD_URN = "urn:uuid:c0c0c0c0-c0c0-c0c0-c0c0-c0c0c0c0c0c0"


def resources(kind: str, **more: Any) -> list[dict[str, Any]]:
    """Give the resources of one type in the bundle of a profile."""
    entries = bundle_from_profile(a_profile(**more))["entry"]
    return [e["resource"] for e in entries if e["resource"]["resourceType"] == kind]


def test_the_bundle_is_valid_fhir_and_survives_its_model():
    """What fhir.resources reads and writes again is what was written."""
    bundle = bundle_from_profile(a_profile())

    model = get_fhir_model_class("Bundle").model_validate(bundle)

    again = orjson.loads(model.model_dump_json(exclude_none=True))
    assert again == orjson.loads(orjson.dumps(bundle))


def test_the_smallest_profile_is_a_bundle_too():
    """A child of whom nobody says anything, and how the sources stand."""
    nothing: dict[str, Any] = dict.fromkeys(
        ("relatives", "practitioners", "communication", "story", "timeline", "plans", "not_shared"),
        (),
    )
    bare = a_person(names=(), addresses=(), telecoms=(), dates_of_birth=(), date_of_birth=None)
    bundle = bundle_from_profile(a_profile(people=(bare,), households=(), **nothing))

    get_fhir_model_class("Bundle").model_validate(bundle)

    kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert kinds == ["Patient", "OperationOutcome"]


def test_the_moment_of_reading_changes_no_byte_in_either_form():
    """So that one tag stands for what is there."""
    now, later = a_profile(), a_profile(as_of=NOW + DAY)

    for form in MediaType:
        assert represented(now, form) == represented(later, form)


def test_the_child_is_what_was_looked_for_and_the_rest_belongs_to_it():
    """Match, include and outcome; each entry has a name of its own."""
    entries = bundle_from_profile(a_profile())["entry"]

    matches = [e["fullUrl"] for e in entries if e["search"]["mode"] == "match"]
    outcomes = [e for e in entries if e["search"]["mode"] == "outcome"]
    assert matches == [CHILD_URN]
    assert [e["resource"]["resourceType"] for e in outcomes] == ["OperationOutcome"]
    assert len({e["fullUrl"] for e in entries}) == len(entries)


def test_every_reference_leads_to_an_entry_or_is_an_identifier():
    """The father is known by id alone: nothing of his is shown."""
    bundle = bundle_from_profile(a_profile())
    names = {entry["fullUrl"] for entry in bundle["entry"]}

    told = orjson.dumps(bundle).decode()
    _, father = resources("RelatedPerson")

    assert set(_references(bundle)) <= names
    assert {CHILD_URN} <= set(_references(bundle))
    assert "Patient/" not in told
    assert father["extension"][-1]["valueReference"]["identifier"]["value"] == "f0" * 16


def test_what_sources_say_differently_stands_side_by_side_with_who_says_it():
    """Names, addresses and dates of birth; a name of two sources names both."""
    child, _ = resources("Patient")

    names = {(n.get("family"), n["use"]): _sayers(n) for n in child["name"]}
    assert names["Wren", "official"] == [Source.HEALTH_VISITING, Source.SCHOOLS]
    assert names["Wren-Hill", "official"] == [Source.SCHOOLS]
    assert [_sayers(a) for a in child["address"]] == [[Source.HEALTH_VISITING], [Source.SCHOOLS]]
    stated = [e for e in child["extension"] if e["url"].endswith("date-of-birth-stated")]
    assert [e["extension"][0]["valueDate"] for e in stated] == ["2024-05-03", "2024-03-05"]


def test_a_death_is_told_with_how_far_it_may_be_relied_on_and_who_says_what():
    """In FHIR's own element, marked where it is only reported, and first of all that is noted."""
    health, school = (Claim(DeathSaid(True, "2026-03-03"), HEALTH), Claim(DeathSaid(False), SCHOOL))
    cases = {
        DeathView(DeathStanding.DIED, "2026-03-03", (health,)): ("2026-03-03", None, None),
        DeathView(DeathStanding.DIED): (None, True, None),
        DeathView(DeathStanding.REPORTED, None, (health, school)): (None, True, True),
    }

    for death, (on, flag, contradicted) in cases.items():
        people = (a_person(death=death, died=death.on),)
        bundle = bundle_from_profile(a_profile(people=people))
        get_fhir_model_class("Bundle").model_validate(bundle)
        (child,) = resources("Patient", people=people)
        (told,) = resources("OperationOutcome", people=people)
        marks = {e["url"].rpartition(":")[2]: e.get("valueBoolean") for e in child["extension"]}
        stated = [e for e in child["extension"] if e["url"].endswith("death-stated")]
        assert (child.get("deceasedDateTime"), child.get("deceasedBoolean")) == (on, flag)
        assert marks.get("death-contradicted") is contradicted
        assert len(stated) == len(death.said)
        code = told["issue"][0]["details"]["coding"][0]["code"]
        assert code == f"death-{death.standing}"


def test_what_happened_reads_back_as_it_was():
    """By the same functions that read records."""
    (birth,), (plan,), (story,) = (
        resources(kind) for kind in ("Observation", "CarePlan", "Communication")
    )
    mother, _ = resources("RelatedPerson")

    assert occurrence_from_observation(birth) == A_BIRTH
    assert plan_from_care_plan(plan).title == "EHC"
    assert replace(story_from_communication(story), corrects=None) == A_STORY
    assert relationship_from_related_person(mother).name == "Leanne Wren"


def test_help_wanted_and_next_steps_read_back_as_they_were():
    """A step names its plan by the key under which that stands beside it."""
    sam = WrittenHere("Sam Reed, family hub worker", "2026-02-02T10:00:00Z", "ab" * 16)
    wanted = HelpWanted("Sleep", sam, "Gran", FactStatus.UNDER_WAY, "2026-02-03")
    step = NextStep("Ring them", "Gran", sam, "2026-03-01", "cd" * 16)
    profile = a_profile()
    help_view = HelpView("ef" * 16, CHILD, Category.EARLY_HELP, wanted, HEALTH)
    bundle = bundle_from_profile(
        replace(
            profile,
            plans=(replace(profile.plans[0], key="cd" * 16),),
            help_wanted=(help_view,),
            next_steps=(StepView("ff" * 16, CHILD, Category.EARLY_HELP, step, HEALTH),),
        )
    )

    get_fhir_model_class("Bundle").model_validate(bundle)

    found = {e["resource"]["resourceType"]: e["resource"] for e in bundle["entry"]}
    assert help_from_goal(found["Goal"]) == wanted
    assert step_from_task(found["Task"]) == step
    assert found["Goal"]["subject"] == found["Task"]["for"] == {"reference": CHILD_URN}
    assert found["Task"]["basedOn"][0]["identifier"] == found["CarePlan"]["identifier"][0]


def test_no_resource_says_that_something_is_so_which_is_not():
    """By R4's own status, of a service, a plan and what happened; and the bundle stays valid."""
    told = {
        FactStatus.HOLDS: ("active", "active", "final"),
        FactStatus.PLANNED: ("proposed", "draft", "registered"),
        FactStatus.ON_HOLD: ("suspended", "on-hold", "registered"),
        FactStatus.ENDED: ("inactive", "completed", "final"),
        FactStatus.NOT_DONE: ("inactive", "revoked", "cancelled"),
        FactStatus.UNKNOWN: (None, "unknown", "unknown"),
    }
    profile = a_profile()
    (works, *_), (plan, *_), (happened, *_) = (
        profile.practitioners,
        profile.plans,
        profile.timeline,
    )
    with each_case() as case:
        for status, codes in told.items():
            with case(status):
                goes_on = status in {FactStatus.HOLDS, FactStatus.ON_HOLD}
                occurrence = replace(happened.occurrence, not_done=False, status=status)
                changed = replace(
                    profile,
                    practitioners=(replace(works, status=status, is_current=goes_on),),
                    plans=(replace(plan, status=status, is_current=goes_on),),
                    timeline=(replace(happened, occurrence=occurrence),),
                )
                bundle = bundle_from_profile(changed)
                get_fhir_model_class("Bundle").model_validate(bundle)
                found = {
                    e["resource"]["resourceType"]: e["resource"].get("status")
                    for e in bundle["entry"]
                }
                kinds = ("CareTeam", "CarePlan", "Observation")
                assert tuple(found[kind] for kind in kinds) == codes


def test_what_somebody_around_a_person_needs_is_not_told_as_theirs():
    """It has a place of its own, with whose it is."""
    needs = CommunicationNeeds(("pl",), True, ("Uses a wheelchair",), "Parent or guardian")
    profile = a_profile()
    others = (CommunicationView(CHILD, needs, profile.people[0].names[0].provenance),)
    bundle = bundle_from_profile(replace(profile, communication=(), communication_of_others=others))

    get_fhir_model_class("Bundle").model_validate(bundle)
    child = next(e["resource"] for e in bundle["entry"] if e["search"]["mode"] == "match")
    assert "communication" not in child
    (apart,) = [one for one in child["extension"] if one["url"].endswith("-of-another")]
    assert {str(v) for one in apart["extension"] for v in one.values()} >= {
        "pl",
        "True",
        "Uses a wheelchair",
        "Parent or guardian",
    }


def test_a_protected_place_is_marked_for_who_may_see_it():
    """On the person and beside; nobody else is told."""
    people = (a_person(location_protected=True),)

    (child,) = resources("Patient", people=people, location_protected=True)
    (told,) = resources("OperationOutcome", people=people, location_protected=True)

    assert child["meta"]["security"][0]["code"] == "protected-location"
    assert "location-protected" in {i["details"]["coding"][0]["code"] for i in told["issue"]}


def test_how_each_source_stands_is_said_and_what_is_not_shared_where_that_may_be():
    """Never a blank."""
    (told,) = resources("OperationOutcome")

    texts = [issue["details"]["text"] for issue in told["issue"]]
    assert len([t for t in texts if "Has records" in t]) == len(Source)
    assert [i["code"] for i in told["issue"] if "not shared" in i["details"]["text"]] == [
        "suppressed"
    ]


def test_who_lives_together_is_a_group():
    """The child by reference, somebody merely mentioned by name."""
    (home,) = resources("Group")

    assert home["member"][0]["entity"]["reference"] == CHILD_URN
    assert home["member"][1]["entity"]["display"] == "Jo"
    assert home["extension"][0]["valueAddress"]["postalCode"] == "NF1 1AA"


def test_the_mother_is_a_patient_of_the_bundle():
    """Under her own id."""
    assert [p["id"] for p in resources("Patient")] == [CHILD, MOTHER_ID]


def _sayers(element: dict[str, Any]) -> list[Source]:
    said = [e for e in element["extension"] if e["url"].endswith("said-by")]
    return [Source(e["extension"][0]["valueUri"].rpartition(":")[2]) for e in said]


def _references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for item in value for found in _references(item)]
    if isinstance(value, dict):
        own = [value["reference"]] if "reference" in value else []
        return own + [found for part in value.values() for found in _references(part)]
    return []
