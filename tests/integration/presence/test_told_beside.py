"""What is held of somebody beside their records: how they are reached, visits, who may ask."""

from datetime import date

import pytest
from fhir.resources.R4B import get_fhir_model_class

from consent.circumstances import Present
from consent.decisions.restrictions import place_restriction
from consent.model import RestrictionScope
from schemas.records.message import Subject
from schemas.records.payloads import RelationshipKind
from schemas.vocabulary import IdentifierScheme
from services.interfaces.subject_access.bundle import bundle_from_report
from services.interfaces.subject_access.held import Beside, GivenTo, SubjectAccess, WhyWithheld
from services.people.practitioners.people import SubjectEntry
from services.people.presence.model import ConfirmingAnswer, PresenceBegun, Sheet, WithWhom
from services.people.presence.sheets import write_sheet
from services.people.relationships.emergency import (
    EmergencyReason,
    OpenEmergency,
    WhyNotAsked,
    open_emergency,
)
from services.people.relationships.requests import ask_to_work_with
from services.work import unit_of_work
from tests.support.builders import TEACHER
from tests.support.people.joined import BY_UPN, joined, undo
from tests.support.people.presence_world import (
    E_MAIL,
    PresenceWorld,
    a_tie,
    own_contacts,
)
from tests.support.people.relating import relate
from tests.support.subject_access import KEEPER, the_report, told

pytestmark = pytest.mark.postgres
SHEET = Sheet(name="Eva Novak", date_of_birth="11 February 1996", story="Mornings are best.")
WORDS = "She has not been seen since Tuesday."


def write(world: PresenceWorld, presence: PresenceBegun) -> None:
    """Write on the sheet of a visit."""
    with unit_of_work(world.running.portal) as work:
        assert write_sheet(presence.id, SHEET, world.who(), presences=work.presences())


def why(report: SubjectAccess, what: Beside) -> list[tuple[WhyWithheld, ...]]:
    """Why each of what is held of one sort is withheld."""
    return [one.withheld for one in report.beside if one.what is what]


def test_how_each_source_says_that_they_are_reached_is_told(world: PresenceWorld):
    """Also what it says of them in a child's record, without whose record that is."""
    world.tell(a_tie(RelationshipKind.MOTHER, E_MAIL, to="mother", name="Eva Novak"))

    report = the_report(world.running, world.mother)

    assert why(report, Beside.REACHED) == [(), ()]
    assert "eva@family.example" in _lines(report, Beside.REACHED)
    assert world.mobile.value.replace(" ", "")[1:] in told(report)
    assert world.child not in told(report)
    get_fhir_model_class("Bundle").model_validate(bundle_from_report(report, KEEPER))


def test_a_parents_contact_in_a_childs_record_is_the_parents(world: PresenceWorld):
    """That one is held stays; which goes."""
    world.tell(a_tie(RelationshipKind.MOTHER, E_MAIL, to="mother"))

    report = the_report(world.running, world.child)

    assert why(report, Beside.REACHED) == [(WhyWithheld.THIRD_PARTY,)]
    assert "eva@" not in told(report)


@pytest.mark.parametrize("scope", RestrictionScope)
def test_a_number_may_tell_where_somebody_protected_is(
    world: PresenceWorld, scope: RestrictionScope
):
    """A landline is a place, and an address of e-mail a way to whoever is hidden there."""
    world.tell(own_contacts("child", E_MAIL))
    with unit_of_work(world.running.portal) as work:
        place_restriction(world.child, scope, [], actor="job:test", deciding=work.deciding())

    report = the_report(world.running, world.child)

    assert why(report, Beside.REACHED) == [(WhyWithheld.RESTRICTED,)]
    assert "eva@" not in told(report)


def test_a_sheet_is_told_to_whoever_it_was_confirmed_to_be(world: PresenceWorld):
    """With who wrote it, when, and what stood for who they were."""
    presence = world.begin()
    write(world, presence)
    world.type_in(presence, world.code_for(presence))

    report = the_report(world.running, world.mother)

    assert why(report, Beside.VISIT) == [()]
    assert {"Mornings are best.", "Amara Okafor", "Eva Novak"} <= set(_lines(report, Beside.VISIT))
    assert "Mornings are best." in told(report)
    get_fhir_model_class("Bundle").model_validate(bundle_from_report(report, KEEPER))


def test_who_spoke_for_them_is_not_named(world: PresenceWorld):
    """The name on the sheet is of whoever was there."""
    presence = world.begin(world.child, WithWhom.MOTHER)
    write(world, presence)
    request = world.request(presence)
    world.answer(request, ConfirmingAnswer.SAW_DOCUMENT)

    report = the_report(world.running, world.child)

    assert "Mornings are best." in told(report)
    assert "Eva Novak" not in told(report)


def test_what_nobody_confirmed_is_told_to_nobody(world: PresenceWorld):
    """Whose words they are is not known: that there are some is told, and who wrote them."""
    write(world, world.begin(in_the_room=frozenset({Present.PARTNER})))

    report = the_report(world.running, world.mother)

    assert why(report, Beside.VISIT) == [(WhyWithheld.UNCONFIRMED,)]
    assert "Mornings" not in told(report)


def test_a_visit_is_told_to_whom_the_number_names_once_two_are_parted(world: PresenceWorld):
    """It was kept under the one of them by whom both were known."""
    (taught,) = world.running.decide(BY_UPN).decision.subjects
    made = joined(world.running, world.child, taught)
    for subject in (world.family[0], BY_UPN):
        typed = SubjectEntry(*_as_typed(subject))
        write(world, world.begin(typed, in_the_room=frozenset({Present.PARTNER})))
    undo(world.running, made)

    told_each = [the_report(world.running, one) for one in (world.child, taught)]

    assert [len(why(report, Beside.VISIT)) for report in told_each] == [1, 1]


def test_a_parent_is_told_of_no_visit(world: PresenceWorld):
    """It may have been the young person's own, or the other parent's."""
    presence = world.begin()
    write(world, presence)
    world.type_in(presence, world.code_for(presence))

    report = the_report(world.running, world.mother, given_to=GivenTo.PARENT)

    assert why(report, Beside.VISIT) == [(WhyWithheld.TO_BE_JUDGED,)]
    assert "Mornings" not in told(report)


@pytest.mark.parametrize("given_to", GivenTo)
def test_who_may_ask_is_told_and_a_parent_is_not_told_the_words(
    world: PresenceWorld, given_to: GivenTo
):
    """Somebody has to judge first whether a parent may read what was feared."""
    _open_in_an_emergency(world)
    with unit_of_work(world.running.portal) as work:
        ask_to_work_with(
            world.child, "I teach him.", world.who(TEACHER), referring=work.referring()
        )

    report = the_report(world.running, world.child, given_to=given_to)

    is_person = given_to is GivenTo.PERSON
    assert "Emergency access" in told(report)
    written = (WORDS, "I teach him.", EmergencyReason.CHILD_MISSING.label)
    assert [words in told(report) for words in written] == [is_person] * 3
    assert {"Tom Bartlett", "Amara Okafor"} <= set(_lines(report, Beside.LET_IN))


def _as_typed(subject: Subject) -> tuple[IdentifierScheme, str, date]:
    (number,) = subject.identifiers
    born = subject.demographics.date_of_birth or ""
    return number.scheme, number.value, date.fromisoformat(born)


def _open_in_an_emergency(world: PresenceWorld) -> None:
    with unit_of_work(world.running.portal) as work:
        order = OpenEmergency(
            world.child,
            EmergencyReason.CHILD_MISSING,
            WhyNotAsked.NOT_REACHED,
            WORDS,
            signed_in_at=work.now,
        )
        relate(work, TEACHER, world.child)
        open_emergency(order, world.who(), ports=work.emergencies())


def _lines(report: SubjectAccess, what: Beside) -> list[str]:
    return [words for one in report.beside if one.what is what for _, words in one.lines]
