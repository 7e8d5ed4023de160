"""Who works there, for whom, and what is in use: `active`, `status`, `use` and `period`."""

from typing import Any

from connectors.health_visiting.nems.statuses import in_force
from services.portal.family.overview import deaths_in
from services.portal.words.statuses import NOT_KNOWN
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
    to,
)
from tests.support.messages.status_lists import LISTS, NOT_A_CODE, page_of

_OVER, _TO_COME = {"end": "2026-01-31"}, {"start": "2026-04-01"}
_GOES_ON = {"start": "2025-01-01", "end": "2027-01-01"}


def test_a_team_that_is_no_longer_one_is_not_named():
    """Nor one that is proposed; one that is suspended still is the team."""
    with each_case() as case:
        for code in (*LISTS["CareTeam"].split(), NOT_A_CODE, None):
            with case(code):
                page = _with_team(status=code) if code else _with_team()
                is_named = code in {None, "active", "suspended"}
                assert ("East team" in page.text) is is_named
                assert ("0191 498 0003" in page.text) is is_named
        for period, is_named in ((_OVER, False), (_TO_COME, False), (_GOES_ON, True)):
            with case(period):
                assert ("East team" in _with_team(period=period).text) is is_named


def _with_team(**said: Any) -> Shown:
    team = {"resourceType": "CareTeam", "id": "team", "name": "East team"}
    number = {"telecom": [phone("0191 498 0003")]}
    page = page_of(
        "professional-contacts-1",
        episode(careManager=None, team=[to("team")]),
        {**team, **number, **said},
    )
    assert page is not None
    return page


def test_who_is_not_active_is_neither_named_nor_rung():
    """Worker, role, organisation and service, each by what it says of itself."""
    reached = {
        "Practitioner": {"telecom": [phone("0191 498 0001")]},
        "PractitionerRole": {
            "practitioner": to("pr"),
            "code": [{"text": "Health visitor"}],
            "telecom": [phone("0191 498 0001")],
        },
        "HealthcareService": {"providedBy": to("org"), "telecom": [phone("0191 498 0001")]},
    }
    active: tuple[tuple[Any, bool], ...] = (
        (True, True),
        (None, True),
        (False, False),
        ("x", False),
    )
    with each_case() as case:
        for kind, said in reached.items():
            for stated, is_at_work in active:
                with case(kind, stated):
                    page = _with_worker(kind, said | {"active": stated})
                    assert ("0191 498 0001" in page.text) is is_at_work
        for period, is_at_work in ((_OVER, False), (_TO_COME, False), (_GOES_ON, True)):
            with case("PractitionerRole", period):
                page = _with_worker(
                    "PractitionerRole", reached["PractitionerRole"] | {"period": period}
                )
                assert ("Health visitor" in page.text) is is_at_work


def test_who_has_left_every_post_here_is_not_named():
    """A post elsewhere says nothing of it, nor does one that is over beside one that is not."""
    over, on = {"period": _OVER}, {"period": _GOES_ON}
    told = (
        ([over], False),
        ([{"active": False}], False),
        ([over, over], False),
        ([over, on], True),
        ([{**over, "organization": to("elsewhere")}], True),
        ([], True),
    )
    with each_case() as case:
        for posts, is_named in told:
            with case(posts):
                role = {"resourceType": "PractitionerRole", "practitioner": to("pr")}
                made = [{**role, "id": f"role-{n}", **said} for n, said in enumerate(posts)]
                page = page_of("professional-contacts-1", episode(), *made, practitioner())
                assert page is not None
                assert ("Ruth Moss" in page.text) is is_named


def _with_worker(kind: str, said: Resource) -> Shown:
    one = {"resourceType": kind, "id": "pr" if kind == "Practitioner" else "one", **said}
    workers = [one] if kind == "Practitioner" else [one, practitioner()]
    page = page_of("professional-contacts-1", episode(), *workers)
    assert page is not None
    return page


def test_a_relative_is_one_as_far_as_their_source_says():
    """Not active and over are former; not begun is not yet."""
    told = (
        ({}, ""),
        ({"active": True}, ""),
        ({"active": False}, "[In the past]"),
        ({"period": _OVER}, "[In the past]"),
        ({"period": {"start": "2027-04-01"}}, "[Not yet]"),
        ({"period": _GOES_ON}, ""),
    )
    with each_case() as case:
        for said, tag in told:
            with case(said):
                card = shown(_with_relative(**said)).card("Jo Reed")
                assert card.startswith(f"Jo Reed, {tag}" if tag else "Jo Reed, Name")


def test_a_relative_who_died_is_said_to_have_and_nobody_else_is_taken_for_them():
    """In the words of the relationship; a partner of the mother is no mother."""
    number = {"telecom": [phone("07700 900123")]}

    def page_with(words: str) -> Shown:
        return shown(_with_relative(relationship={"text": words}, **number))

    dead = page_with("Father (deceased)")
    assert dead.card("Jo Reed").startswith("Jo Reed, [Reported to have died], Died: Has died")
    assert "Who they are: Father" in dead.card("Jo Reed")
    assert deaths_in(dead.profile) == ("Jo Reed (father): Reported to have died",)
    row = next(
        r
        for c in dead.support.people
        for r in c.rows
        if r.label == "Telephone" and r.facts[0].text == "07700 900123"
    )
    assert row.facts[0].href is None
    for words in ("Mother's partner", "Friend of mother", "Ex-husband of mother"):
        assert "Who they are: Somebody else who matters" in page_with(words).card("Jo Reed")
    assert "Who they are: Mother" in page_with("Natural mother").card("Jo Reed")


def _with_relative(**said: Any) -> bytes:
    related = {"resourceType": "RelatedPerson", "id": "rel", "patient": to("pat")}
    who = {"name": [{"family": "Reed", "given": ["Jo"]}], "relationship": {"text": "Father"}}
    contact = encounter(type=[])
    return bundle(
        "personal-contacts-1", contact, {**related, **who, **said}, patient(), organisation()
    )


def test_a_number_is_given_while_it_is_in_use():
    """By FHIR's ContactPointUse and its period, on the day of reading; the lower rank first."""
    uses = {"home": True, "work": True, "temp": True, "mobile": True, "old": False}
    periods = (({"end": "2026-03-01"}, False), (_TO_COME, True), ({"end": "2026-06-01"}, False))
    with each_case() as case:
        for use, is_given in uses.items():
            with case(use):
                assert ("0191 498 0009" in _reached({"use": use}).child) is is_given
        for period, is_given in periods:
            with case(period):
                assert ("0191 498 0009" in _reached({"period": period}).child) is is_given
    ranked = [phone("2", rank=2), phone("none"), phone("1", rank=1), phone("old", use="old")]
    page = shown(bundle("vaccinations-1", immunization(), patient(telecom=ranked), organisation()))
    assert "Telephone: 1; 2; none" in page.child


def _reached(said: Resource) -> Shown:
    known = patient(telecom=[phone("0191 498 0009") | said])
    return shown(bundle("vaccinations-1", immunization(), known, organisation()))


def test_a_name_is_the_one_in_force():
    """By FHIR's NameUse and its period; what is over is former."""
    told = (
        ("usual", None, "Name: Ada New, formerly Ada Old"),
        ("temp", None, "Name: Ada New (not yet named)"),
        ("official", _OVER, "Name: Present name not given, formerly Ada Old, formerly Ada New"),
        ("official", {"start": "2027-01-01"}, "Name: Present name not given, formerly Ada Old"),
        ("maiden", None, "Name: Present name not given, formerly Ada Old, formerly Ada New"),
        ("old", None, "Name: Present name not given, formerly Ada Old, formerly Ada New"),
        ("anonymous", None, "Name: Present name not given, formerly Ada Old"),
    )
    with each_case() as case:
        for use, period, words in told:
            with case(use, period):
                old = {"use": "official", "family": "Old", "given": ["Ada"], "period": _OVER}
                new = {"use": use, "family": "New", "given": ["Ada"], "period": period}
                known = patient(name=[old, new])
                page = shown(bundle("vaccinations-1", immunization(), known, organisation()))
                assert words in page.child


def test_an_address_is_where_somebody_lives_while_it_is():
    """Over and `old` are before; what is to come is said to be from then."""
    told = (
        ({"use": "home"}, "Address: 1 Lane"),
        ({"use": "old"}, "(before: 1 Lane)"),
        ({"use": "home", "period": _OVER}, "(before: 1 Lane (until 31 January 2026))"),
        ({"use": "home", "period": {"start": "2027-01-01"}}, "1 Lane (from 1 January 2027)"),
    )
    with each_case() as case:
        for said, words in told:
            with case(said):
                known = patient(address=[{"line": ["1 Lane"], **said}])
                page = shown(bundle("vaccinations-1", immunization(), known, organisation()))
                assert words in page.child


def test_elements_with_a_bad_period_are_not_in_force():
    """Nobody knows when they are."""
    element = {"period": [{"start": [{"value": "soon"}]}]}

    assert in_force([element], SENT) == []


def test_where_letters_go_is_no_home():
    """By FHIR's Address.type; one of both kinds, or of none, is where somebody lives."""
    lines = {"use": "home", "line": ["PO Box 9"], "postalCode": "NF1 1AA"}
    told = (
        ({}, True),
        ({"type": "physical"}, True),
        ({"type": "both"}, True),
        ({"type": "postal"}, False),
    )
    with each_case() as case:
        for said, is_home in told:
            with case(said):
                child = patient(address=[lines | said])
                page = shown(bundle("pds-change-of-address-1", child, organisation()))
                mark = "" if is_home else " (postal)"
                assert f"Address: PO Box 9, NF1 1AA{mark}," in page.child
                assert bool(page.profile.households) is is_home


def test_a_legal_status_is_in_force_as_far_as_its_answer_says():
    """It is mostly the legal basis; one that says no makes no plan, one that it is over ends it."""
    coded = {"coding": [{"system": "http://snomed.info/sct", "code": "764841000000100"}]}
    told: tuple[tuple[Any, str | None], ...] = (
        ({}, "In force"),
        ({"valueCodeableConcept": {"text": "Section 20"}}, "In force"),
        ({"valueCodeableConcept": {"text": "No longer looked after"}}, "Ended"),
        ({"valueCodeableConcept": {"coding": [{"display": "Care order discharged"}]}}, "Ended"),
        ({"valueString": "Previously looked after"}, "Ended"),
        ({"valueString": "Not known"}, NOT_KNOWN),
        ({"valueCodeableConcept": {"text": "No"}}, None),
        ({"valueString": "Not looked after"}, None),
        ({"valueBoolean": False}, None),
    )
    with each_case() as case:
        for said, tag in told:
            with case(said):
                status = observation(code=coded, **said)
                del status["valueQuantity"]
                context = (patient(), organisation())
                page = shown(bundle("legal-information-1", encounter(), status, *context))
                assert [card.tags[0].text for card in page.support.plans] == ([tag] if tag else [])


def test_a_worker_inside_what_names_them_is_read_and_rung():
    """Of two with one id nobody is meant."""
    worker = practitioner(id="w", telecom=[phone("0191 498 0001")])
    named = {"careManager": {"reference": "#w"}}

    inside = page_of("professional-contacts-1", episode(contained=[worker], **named))
    twice = page_of("professional-contacts-1", episode(contained=[worker, worker], **named))

    assert inside is not None
    assert twice is not None
    assert "Ruth Moss" in inside.text
    assert "0191 498 0001" in inside.text
    assert "Ruth Moss" not in twice.text


def test_an_interpreter_is_no_practitioner_of_the_visit():
    """Whoever did something else besides is."""
    parts = {"text": "Interpreter"}, {"text": "Health visitor"}
    for types, is_named in (([parts[0]], False), ([parts[1]], True), ([*parts], True), ([], True)):
        took_part = [{"individual": to("pr"), "type": types}]
        page = page_of("encounter-1", encounter(participant=took_part), practitioner())
        assert page is not None
        assert ("Ruth Moss" in page.text) is is_named


def test_a_dose_that_does_not_count_says_so():
    """By its source; and who told of it, where that was not who gave it."""
    told = (
        ({"isSubpotent": True}, "Doubt: Less than a full dose, by its source"),
        (
            {"vaccinationProtocol": [{"doseStatus": {"coding": [{"code": "nocount"}]}}]},
            "Doubt: Does not count as a dose, by its source",
        ),
        ({"primarySource": False, "reportOrigin": {"text": "recall"}}, "Told by: Recall"),
        ({"primarySource": False}, "Told by: Somebody else than who gave it"),
    )
    with each_case() as case:
        for said, words in told:
            with case(said):
                page = page_of("vaccinations-1", immunization(**said))
                assert page is not None
                assert words in page.text
