"""FHIR provisions, asked one at a time."""

import pytest

from consent.fhir.answering import ConsentReason
from consent.fhir.elements import span_between
from consent.fhir.question import ConsentAction, Data
from consent.fhir.vocabulary import ACT_CODE, ACT_REASON, CONSENT_ACTION, Code
from tests.support.consents.asking_consents import ME, READ, a_label, permits, reasons
from tests.support.consents.fhir_consents import (
    a_consent,
    an_actor,
    concept,
    confidentialities,
    purposes,
)


def test_exceptions_go_to_any_depth():
    """Nobody, but practitioners for treatment, but not the restricted data, but me."""
    inner = {"type": "permit", "actor": [an_actor(ME)]}
    middle = {"type": "deny", "securityLabel": confidentialities("R"), "provision": [inner]}
    outer = {"type": "permit", "purpose": purposes("TREAT"), "provision": [middle]}
    consent = a_consent("deny", provision=[outer])
    restricted = Data(labels=frozenset({a_label("R")}))

    assert permits(consent, data=restricted)
    assert not permits(consent, data=restricted, actors=frozenset({"Practitioner/you"}))
    assert permits(consent, data=Data(labels=frozenset()), actors=frozenset({"Practitioner/you"}))
    assert not permits(consent, purposes=frozenset({Code(ACT_REASON, "HRESCH")}))


@pytest.mark.parametrize(
    ("effect", "level", "permitted"),
    [
        ("permit", "N", "ULMN"),
        ("permit", "R", "ULMNR"),
        ("deny", "R", "ULMN"),
        ("deny", "V", "ULMNR"),
    ],
)
def test_confidentiality_is_a_high_water_mark(effect: str, level: str, permitted: str):
    """To permit one permits the lower ones, to deny one denies the higher ones."""
    rule = {"type": effect, "securityLabel": confidentialities(level)}
    base = "deny" if effect == "permit" else "permit"
    consent = a_consent(base, provision=[rule])

    found = {c for c in "ULMNRV" if permits(consent, data=Data(labels=frozenset({a_label(c)})))}

    assert found == set(permitted)


def test_the_highest_confidentiality_on_the_data_counts():
    """Data that is normal and restricted is restricted."""
    both = Data(labels=frozenset({a_label("N"), a_label("R")}))

    assert not permits(a_consent(securityLabel=confidentialities("N")), data=both)


def test_a_sensitivity_covers_its_kinds():
    """What denies substance abuse denies alcohol use disorder."""
    label = [{"system": ACT_CODE, "code": "ETH"}]
    consent = a_consent(provision=[{"type": "deny", "securityLabel": label}])

    assert not permits(consent, data=Data(labels=frozenset({Code(ACT_CODE, "ETHUD")})))
    assert permits(consent, data=Data(labels=frozenset({Code(ACT_CODE, "HIV")})))


@pytest.mark.parametrize(
    ("effect", "days", "expected"),
    [
        ("permit", ("2022-03-01", "2022-04-01"), True),
        ("permit", ("2021-12-31", "2022-04-01"), False),
        ("deny", ("2021-12-31", "2022-04-01"), False),
        ("deny", ("2021-01-01", "2021-12-31"), True),
    ],
)
def test_data_of_a_time_is_permitted_wholly_and_denied_in_part(
    effect: str,
    days: tuple[str, str],
    expected: bool,  # noqa: FBT001
):
    """What reaches out of the time permitted, or into the one denied, is not shown."""
    period = {"dataPeriod": {"start": "2022", "end": "2022"}}
    denial = {"provision": [{"type": "deny", **period}]}
    consent = a_consent("permit", **(period if effect == "permit" else denial))

    assert permits(consent, data=Data(period=span_between(*days))) is expected


def test_a_custodian_limits_whose_data_and_not_who_reads_it():
    """Except that one who is denied by that role is denied."""
    held = a_consent(actor=[an_actor("Organization/held", "CST"), an_actor(ME)])
    there = Data(custodians=frozenset({"Organization/held"}))
    elsewhere = Data(custodians=frozenset({"Organization/other"}))
    denied = a_consent(provision=[{"type": "deny", "actor": [an_actor(ME, "CST")]}])

    assert permits(held, data=there)
    assert not permits(held, data=elsewhere)
    assert not permits(held, data=there, actors=frozenset({"Organization/held"}))
    assert not permits(denied)


def test_what_is_not_said_is_not_permitted_but_is_denied():
    """A missing purpose or actor never helps."""
    permit = a_consent(purpose=purposes("TREAT"), actor=[an_actor(ME)])
    denial = a_consent(provision=[{"type": "deny", "purpose": purposes("HRESCH")}])

    assert reasons(permit, purposes=frozenset()) == {ConsentReason.PURPOSE_NOT_STATED}
    assert reasons(permit, actors=frozenset()) == {ConsentReason.ACTOR_NOT_STATED}
    assert not permits(denial, purposes=frozenset())


def test_every_purpose_stated_must_be_permitted_and_any_may_be_denied():
    """To ask for two things is to do both."""
    both = frozenset({Code(ACT_REASON, "TREAT"), Code(ACT_REASON, "HRESCH")})
    denial = a_consent(provision=[{"type": "deny", "purpose": purposes("HRESCH")}])

    assert not permits(a_consent(purpose=purposes("TREAT")), purposes=both)
    assert not permits(denial, purposes=both)


@pytest.mark.parametrize(
    ("action", "asked", "expected"),
    [
        ("access", READ, True),
        ("disclose", READ, True),
        ("use", READ, False),
        ("correct", READ, False),
    ],
)
def test_to_read_is_to_access_what_somebody_discloses(
    action: str,
    asked: frozenset[ConsentAction],
    expected: bool,  # noqa: FBT001
):
    """To be permitted to correct is not to be permitted to read."""
    consent = a_consent(action=[concept(CONSENT_ACTION, action)])

    assert permits(consent, actions=asked) is expected


def test_a_denial_of_correcting_does_not_deny_reading():
    """A denial of use does."""
    correct = {"type": "deny", "action": [concept(CONSENT_ACTION, "correct")]}
    use = {"type": "deny", "action": [concept(CONSENT_ACTION, "use")]}

    assert permits(a_consent(provision=[correct]))
    assert not permits(a_consent(provision=[use]))
