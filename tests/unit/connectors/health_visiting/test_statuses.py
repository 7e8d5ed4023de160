"""Every status of every resource that is read, from FHIR's lists, and what a page says of it."""

from datetime import UTC, datetime
from typing import Any

from connectors.health_visiting.nems.statuses import STATUS_CODES, status_of
from schemas.records.payloads import ContactDetails, FactStatus, Telecom
from tests.support.each_case import each_case
from tests.support.messages.as_shown import Shown, shown
from tests.support.messages.nems_bundles import (
    SENT,
    Resource,
    bundle,
    encounter,
    episode,
    immunization,
    observation,
    organisation,
    patient,
    phone,
    practitioner,
    questionnaire,
    to,
)
from tests.support.messages.status_lists import LISTS, NOT_A_CODE, page_of
from tests.support.reading import nems, the_message

_UNSURE = "(its source does not say whether this stands)"


def test_every_code_of_every_list_is_read():
    """What is on none is not known, and never taken for a fact; so is what is missing."""
    with each_case() as case:
        for kind, codes in LISTS.items():
            for code in codes.split():
                with case(kind, code):
                    assert code in STATUS_CODES[kind]
            for code in (NOT_A_CODE, "Final", "FINISHED", ""):
                with case(kind, code, "is on no list"):
                    stated = {"status": [{"value": code}]}
                    assert status_of(kind, stated, SENT) is FactStatus.UNKNOWN
        assert set(STATUS_CODES) == set(LISTS)


def test_what_may_mean_the_opposite_is_not_known():
    """Two codes in one place, and a modifier, which FHIR lets turn a meaning round."""
    two: Resource = {"status": [{"value": "final"}, {"value": "preliminary"}]}
    mistaken: Resource = {"status": [{"value": "final"}, {"value": "entered-in-error"}]}
    modified: Resource = {"status": [{"value": "final"}], "modifierExtension": [{"url": "x"}]}

    assert status_of("Observation", two, SENT) is FactStatus.UNKNOWN
    assert status_of("Observation", mistaken, SENT) is FactStatus.IN_ERROR
    assert status_of("Observation", modified, SENT) is FactStatus.UNKNOWN
    assert status_of("Organization", {"modifierExtension": [{}]}, SENT) is FactStatus.UNKNOWN


def test_numbers_that_are_all_over_take_the_place_of_those_before():
    """A message that says so leaves none behind from an older one, and others are told of it."""
    known = patient(telecom=[phone("0191 498 0009", use="old")])
    message = the_message(nems, bundle("vaccinations-1", immunization(), known, organisation()))

    (contact,) = [r.payload for r in message.records if isinstance(r.payload, ContactDetails)]
    (number,) = contact.telecoms
    assert number == Telecom("phone", "0191 498 0009", is_former=True)
    assert not number.is_in_use(SENT)


_REVIEWS = {
    "planned": "planned for 20 February 2026, [Planned]",
    "arrived": "20 February 2026, [Not finished when this was written]",
    "triaged": "20 February 2026, [Not finished when this was written]",
    "in-progress": "20 February 2026, [Not finished when this was written]",
    "onleave": "20 February 2026, [Not finished when this was written]",
    "finished": "20 February 2026, Organisation",
    "cancelled": "20 February 2026, [Did not take place], Outcome: Did not take place",
    "unknown": "20 February 2026, [Its source does not say whether this took place]",
    NOT_A_CODE: "20 February 2026, [Its source does not say whether this took place]",
    None: "20 February 2026, [Its source does not say whether this took place]",
}


def test_a_review_is_on_time_only_when_it_took_place():
    """Planned, called off, going on and not known are said to be that."""
    with each_case() as case:
        for code in (*LISTS["Encounter"].split(), NOT_A_CODE, None):
            with case(code):
                page = page_of("encounter-1", encounter(status=code))

                if code == "entered-in-error":
                    assert page is None
                else:
                    assert page is not None
                    assert f"2 to 2½ year review, {_REVIEWS[code]}" in page.text
                    assert ("On time" in page.text) is (code == "finished")


def test_no_event_about_an_encounter_tells_what_did_not_take_place():
    """Feeding, scales and screening say it as a review does."""
    events = ("feeding-status-1", "assessment-scales-1", "newborn-hearing-1")
    with each_case() as case:
        for event in events:
            for code, words in (("planned", "[Planned]"), ("cancelled", "[Did not take place]")):
                with case(event, code):
                    page = page_of(event, encounter(status=code))

                    assert page is not None
                    assert words in page.text


_EPISODES = {
    "planned": "planned: {}, Nobody to ring yet: this is planned, planned from 1 September 2025",
    "waitlist": "planned: {}, Nobody to ring yet: this is planned, planned from 1 September 2025",
    "active": "now: {}, 0191 498 0002, since 1 September 2025",
    "onhold": "now: {}, 0191 498 0002, on hold, since 1 September 2025",
    "finished": "before: {}, Nobody to ring: this is over, over, start date 1 September 2025",
    "cancelled": (
        "before: {}, Nobody to ring: this was called off, called off, start date 1 September 2025"
    ),
    NOT_A_CODE: "planned: {}, 0191 498 0002, not known whether it goes on, since 1 September 2025",
    None: "planned: {}, 0191 498 0002, not known whether it goes on, since 1 September 2025",
}
_WHO = "Health visiting service, Ruth Moss, Northfield Community Health"


def test_nobody_is_to_be_rung_of_an_episode_that_does_not_go_on():
    """What is over is former, what is planned is planned; what is not known is said to be that."""
    worker = practitioner(telecom=[phone("0191 498 0002")])
    with each_case() as case:
        for code in (*LISTS["EpisodeOfCare"].split(), NOT_A_CODE, None):
            with case(code):
                page = page_of("professional-contacts-1", episode(status=code), worker)

                if code == "entered-in-error":
                    assert page is None
                else:
                    assert page is not None
                    assert _EPISODES[code].format(_WHO) in page.text


def test_what_begins_later_is_planned_until_it_does():
    """By the day of reading, not by that of the message; so does what ends later."""
    text = bundle(
        "professional-contacts-1",
        episode(period={"start": "2026-04-01", "end": "2026-06-30"}),
        practitioner(telecom=[phone("0191 498 0002")]),
        patient(),
        organisation(),
    )
    told = (
        (datetime(2026, 3, 3, tzinfo=UTC), "planned", "planned 1 April 2026 to 30 June 2026"),
        (datetime(2026, 4, 1, tzinfo=UTC), "now", "1 April 2026 to 30 June 2026"),
        (datetime(2026, 7, 1, tzinfo=UTC), "before", "1 April 2026 to 30 June 2026"),
    )
    with each_case() as case:
        for day, group, words in told:
            with case(day):
                page = shown(text, on=day)
                assert f"{group}: {_WHO}" in page.text
                assert words in page.text
                assert ("0191 498 0002" in page.text) is (group == "now")


_FINDINGS = {
    "final": "",
    "amended": "",
    "corrected": "",
    "registered": " (not final)",
    "preliminary": " (not final)",
    "unknown": f" {_UNSURE}",
    NOT_A_CODE: f" {_UNSURE}",
    None: f" {_UNSURE}",
    "completed": "",
    "in-progress": " (not finished)",
    "suspended": " (on hold)",
    "on-hold": " (on hold)",
    "aborted": " (not completed)",
    "stopped": " (not completed)",
}
_NOT_SAID = frozenset({"entered-in-error", "cancelled", "preparation", "not-done"})


def _is_said(
    page: Shown | None, found: str, code: str | None, words: dict[str | None, str]
) -> bool:
    """Whether the page says what was found with these words behind it, or nothing of it."""
    text = "" if page is None else page.text
    if code in _NOT_SAID:
        return found not in text
    return any(f"{found}{words[code]}{end}" in f"{text} |" for end in (" |", ",", ";"))


def test_a_finding_counts_as_far_as_its_status_says():
    """Entered in error and cancelled are not facts; what is not final is said to be so."""
    with each_case() as case:
        for code in (*LISTS["Observation"].split(), NOT_A_CODE, None):
            with case("Observation", code):
                page = page_of("encounter-1", encounter(type=[]), observation(status=code))
                assert _is_said(page, "Head circumference: 47 cm", code, _FINDINGS)
            with case("ASQ", code):
                scored = {"valueQuantity": {"value": 47}}
                scale = observation(words="ASQ-3 communication", status=code, **scored)
                page = page_of("encounter-1", encounter(), scale)
                assert _is_said(page, "ASQ-3: Communication: Score 47", code, _FINDINGS)


def test_an_expected_date_that_is_not_sure_is_none():
    """It has no place for a caution, and a review would be on time by it."""
    expected = observation(
        code={"coding": [{"code": "161714006"}]}, valueQuantity=None, valueDateTime="2026-05-01"
    )
    visit = encounter(type=[{"coding": [{"code": "C1", "display": "Antenatal"}]}])
    mother = patient(birthDate="1990-01-01")

    def page(**said: Any) -> str:
        told = (visit, expected | said, mother, organisation())
        return shown(bundle("encounter-1", *told, born="1990-01-01")).text

    assert "Timeliness: On time: at 30 weeks of pregnancy" in page()
    assert "Timeliness: Not known" in page(status="preliminary")


def test_a_test_counts_as_far_as_its_status_says():
    """Also by STU3's `notDone`, whatever the status beside it."""
    with each_case() as case:
        for code in (*LISTS["Procedure"].split(), NOT_A_CODE, None):
            for not_done in (False, True):
                with case(code, "notDone" if not_done else ""):
                    page = page_of("nipe-outcome-1", encounter(), _hips(code, not_done=not_done))

                    said = "not-done" if not_done else code
                    assert _is_said(page, "Hips: Normal", said, _FINDINGS)


def _hips(code: str | None, *, not_done: bool) -> Resource:
    words = {"code": {"text": "Hips"}, "outcome": {"text": "Normal"}}
    return {
        "resourceType": "Procedure",
        "id": "test",
        "status": code,
        "notDone": not_done,
        "subject": to("pat"),
        **words,
    }


def test_an_answer_counts_as_far_as_its_questionnaire_does():
    """Also one that was given up."""
    words = _FINDINGS | {"in-progress": " (not final)"}
    with each_case() as case:
        for code in (*LISTS["QuestionnaireResponse"].split(), NOT_A_CODE, None):
            with case(code):
                page = shown(
                    bundle(
                        "individual-requirements-1",
                        encounter(),
                        questionnaire(status=code),
                        patient(),
                        organisation(),
                    )
                )
                assert _is_said(page, "Uses a wheelchair", code, words)


def test_a_vaccination_is_given_only_if_it_is_said_to_be():
    """STU3's `notGiven` and R4's `not-done`; on no list is not known."""
    told = {
        ("completed", False): ("Outcome: Given", ()),
        ("completed", True): ("[Offered, not given], Outcome: Not given", ()),
        ("not-done", False): ("[Offered, not given], Outcome: Not given", ()),
        (NOT_A_CODE, False): ("[Its source does not say whether this took place]", ("Given",)),
        (None, False): ("[Its source does not say whether this took place]", ("Given",)),
    }
    with each_case() as case:
        for (code, not_given), (words, never) in told.items():
            with case(code, not_given):
                given = immunization(status=code, notGiven=not_given)
                page = page_of("vaccinations-1", given)

                assert page is not None
                assert words in page.text
                assert not any(word in page.text for word in never)
        with case("entered-in-error"):
            assert page_of("vaccinations-1", immunization(status="entered-in-error")) is None


def test_a_result_that_is_absent_is_none():
    """Of an observation and of a component of one, whatever stands beside it."""
    absent = {"dataAbsentReason": {"coding": [{"code": "not-performed"}]}}
    part = {"code": {"text": "Communication"}, "valueQuantity": {"value": 25}}
    whole = observation(words="ASQ-3", valueQuantity=None, component=[part, part | absent])

    finding = page_of("encounter-1", encounter(type=[]), observation(**absent))
    scale = page_of("encounter-1", encounter(), whole)
    unasked = page_of("encounter-1", encounter(), whole | {"component": [part | absent]})

    assert finding is not None
    assert "47" not in finding.text
    assert scale is not None
    assert "ASQ-3: Communication: Score 25" in scale.text
    assert unasked is not None
    assert "25" not in unasked.text.replace("25 months", "")
