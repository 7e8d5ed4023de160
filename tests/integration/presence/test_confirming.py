"""Another human being says that it is them: who that may be, what they see, what it opens."""

from datetime import date, timedelta

import pytest

from consent.circumstances import Present
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId
from schemas.records.payloads import RelationshipKind, Telecom
from schemas.vocabulary import IdentifierScheme, Purpose, Role
from services.people.practitioners.people import SubjectEntry
from services.people.practitioners.postgres_directory import PractitionerEntry
from services.people.presence import confirming
from services.people.presence.confirming import ShownRequest
from services.people.presence.model import (
    ConfirmationRequest,
    ConfirmedPresence,
    ConfirmingAnswer,
    Way,
    WhyNotConfirmed,
    WithWhom,
)
from services.work import unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.people.presence_world import (
    COLLEAGUE,
    COUNCIL,
    OFFICER,
    OFFICER_OF_THE_TRUST,
    PresenceWorld,
    a_tie,
)

pytestmark = pytest.mark.postgres
RANG, SAW = ConfirmingAnswer.RANG_BACK, ConfirmingAnswer.SAW_DOCUMENT
SEES, NOT_THEM = ConfirmingAnswer.SEES_THEM, ConfirmingAnswer.NOT_THEM


def show(
    world: PresenceWorld,
    request: ConfirmationRequest | WhyNotConfirmed,
    by: PractitionerId = OFFICER,
) -> ShownRequest | WhyNotConfirmed:
    """Open a request as an officer."""
    assert isinstance(request, ConfirmationRequest)
    with unit_of_work(world.running.portal) as work:
        return confirming.show_request(request.id, world.who(by), presences=work.presences())


def waiting(world: PresenceWorld, by: PractitionerId) -> list[str]:
    """The requests that somebody may answer."""
    with unit_of_work(world.running.portal) as work:
        found = confirming.waiting_for(world.who(by), presences=work.presences())
    return [one.request.id for one in found]


def refused(world: PresenceWorld) -> list[object]:
    """Why answers were not taken, as entered."""
    entries = world.entries(LedgerEvent.PRESENCE_CONFIRMATION_REFUSED)
    return [entry.fields["because"] for entry in entries]


def test_officer_sees_the_number_held_rings_back_and_opens_it_for_who_asked(world: PresenceWorld):
    """The look at the number is entered; the officer themselves may open nothing."""
    request = world.request(world.begin())

    shown = show(world, request)
    done = world.answer(request, RANG)

    assert isinstance(shown, ShownRequest)
    assert [c.contact.value[-6:] for c in shown.contacts] == [world.mobile.value[-6:]]
    assert isinstance(done, ConfirmedPresence)
    assert {r.subject for r in world.opened()} == {world.mother}
    assert not world.opened(by=OFFICER)
    assert len(world.entries(LedgerEvent.PRESENCE_CONTACT_SHOWN)) == 1
    warrants = [e.fields["warrant"] for e in world.entries(LedgerEvent.PRESENCE_CONFIRMED)]
    assert warrants == ["officer"]


def test_landline_is_rung_back_though_no_code_goes_there(world: PresenceWorld):
    """With the name by which the source calls whom it belongs to."""
    landline = Telecom("phone", "01632 960777")
    world.tell(a_tie(RelationshipKind.MOTHER, landline, name="Eva Novak"))
    world.clock.pass_by(timedelta(days=28))

    shown = show(world, world.request(world.begin(world.child, WithWhom.MOTHER)))

    assert isinstance(shown, ShownRequest)
    assert shown.names == ["Eva Novak"]
    assert [c.contact.value for c in shown.contacts] == ["+441632960777"]


def test_nobody_confirms_for_themselves_for_their_own_agency_or_without_the_role(
    world: PresenceWorld,
):
    """Nor under a second account of their own, by whatever spelling of their name."""
    double = PractitionerId("c9" * 16)
    with unit_of_work(world.running.portal) as work:
        work.directory.save_practitioner(
            PractitionerEntry(
                double,
                "AMARA  Ökafor",
                Role.CONFIRMING_OFFICER,
                "Officer",
                COUNCIL,
                None,
                None,
                Purpose.DIRECT_CARE,
            )
        )
    request = world.request(world.begin())

    answers = [
        world.answer(request, RANG, by=by)
        for by in (VISITOR, COLLEAGUE, TEACHER, OFFICER_OF_THE_TRUST, double)
    ]

    assert answers == [WhyNotConfirmed.NOT_THEIRS] * 5
    assert refused(world) == ["may-not-answer"] * 5
    assert show(world, request, OFFICER_OF_THE_TRUST) is WhyNotConfirmed.NOT_THEIRS
    assert not world.opened()


def test_lists_hold_what_one_may_answer_and_name_nobody(world: PresenceWorld):
    """An officer's those of other agencies, a colleague's those of their own."""
    to_officer = world.request(world.begin())
    to_colleague = world.request(world.begin(), Way.COLLEAGUE)
    assert isinstance(to_officer, ConfirmationRequest)
    assert isinstance(to_colleague, ConfirmationRequest)

    lists = {by: waiting(world, by) for by in (OFFICER, COLLEAGUE, VISITOR, TEACHER)} | {
        OFFICER_OF_THE_TRUST: waiting(world, OFFICER_OF_THE_TRUST)
    }

    assert to_officer.id in lists[OFFICER]
    assert lists[COLLEAGUE] == [to_colleague.id]
    assert lists[VISITOR] == lists[TEACHER] == lists[OFFICER_OF_THE_TRUST] == []


def test_an_officers_list_is_refused_to_everybody_else(world: PresenceWorld):
    """As are an officer's other commands; that they tried is entered."""
    asked = world.request(world.begin())
    with unit_of_work(world.running.portal) as work:
        presences = work.presences()
        listed = confirming.waiting_for_officer(world.who(OFFICER), presences=presences)
        others = confirming.waiting_for_officer(world.who(COLLEAGUE), presences=presences)

    assert isinstance(asked, ConfirmationRequest)
    assert isinstance(listed, list)
    assert asked.id in [one.request.id for one in listed]
    assert others is WhyNotConfirmed.NOT_THEIRS
    assert refused(world) == ["may-not-answer"]


def test_colleague_who_sees_them_too_opens_it(world: PresenceWorld):
    """In their agency; they are shown nothing that is held."""
    request = world.request(world.begin(), Way.COLLEAGUE)

    assert show(world, request, COLLEAGUE) is WhyNotConfirmed.NOT_THEIRS
    done = world.answer(request, SEES, by=COLLEAGUE)

    assert isinstance(done, ConfirmedPresence)
    assert {r.subject for r in world.opened()} == {world.mother}
    assert not world.opened(by=COLLEAGUE)


def test_request_is_answered_once_and_in_time(world: PresenceWorld):
    """A no stays a no, whoever comes after."""
    presence = world.begin()
    first, second = world.request(presence), world.request(presence)

    assert world.answer(first, NOT_THEM) is NOT_THEM
    assert world.answer(first, RANG) is WhyNotConfirmed.ANSWERED
    world.clock.pass_by(timedelta(hours=4))
    assert world.answer(second, RANG) is WhyNotConfirmed.EXPIRED

    assert not world.opened()


def test_nobody_is_asked_before_a_partner_or_by_a_relative_who_interprets(world: PresenceWorld):
    """What they say is not theirs; there is the sheet."""
    presence = world.begin(in_the_room=frozenset({Present.PARTNER}))

    assert world.request(presence) is WhyNotConfirmed.NOT_FREE
    assert refused(world) == ["not-free-to-say"]


def test_number_that_nobody_held_was_not_rung(world: PresenceWorld):
    """A document can be looked at all the same, as for a family without a telephone."""
    presence = world.begin(world.father)
    request = world.request(presence)

    assert world.answer(request, RANG) is WhyNotConfirmed.NOBODY_KNOWN
    assert isinstance(world.answer(request, SAW), ConfirmedPresence)

    assert {r.subject for r in world.opened()} == {world.father}


def test_officer_who_checked_a_document_makes_a_walk_in_family_known(world: PresenceWorld):
    """Of whom no source has told yet; a colleague's word and a code do not."""
    typed = SubjectEntry(IdentifierScheme.NHS_NUMBER, "9990000042", date(2026, 1, 9))
    presence = world.begin(typed, WithWhom.MOTHER)
    persons = world.running.count("person")
    seen = world.answer(world.request(presence, Way.COLLEAGUE), SEES, by=COLLEAGUE)
    assert seen is WhyNotConfirmed.NOBODY_KNOWN
    assert world.running.count("person") == persons

    done = world.answer(world.request(presence), SAW)

    assert isinstance(done, ConfirmedPresence)
    assert world.running.count("person") == persons + 1
    assert {r.subject for r in world.opened(done.person)} == {done.person}


def test_somebody_protected_is_nobody_to_who_is_not_allowed(world: PresenceWorld):
    """No name, no number, and a document changes nothing: a restriction is not lifted by it."""
    world.running.restrict(world.mother)
    request = world.request(world.begin())

    shown = show(world, request)
    done = world.answer(request, SAW)

    assert isinstance(shown, ShownRequest)
    assert (list(shown.names), list(shown.contacts)) == ([], [])
    assert isinstance(done, WhyNotConfirmed)
    assert not world.opened()


def test_contact_that_is_not_safe_is_marked_for_good(world: PresenceWorld):
    """The next request has nothing to ring, and no code goes there."""
    presence = world.begin()

    assert world.answer(world.request(presence), ConfirmingAnswer.UNSAFE) is ConfirmingAnswer.UNSAFE

    shown = show(world, world.request(presence))
    assert isinstance(shown, ShownRequest)
    assert not shown.contacts
    world.ask(presence)
    assert world.sent() is None
    assert len(world.entries(LedgerEvent.CONTACT_MARKED)) == 1


def test_id_that_nobody_has_is_answered_as_somebody_else_s_is(world: PresenceWorld):
    """Both are entered, and open nothing."""
    with unit_of_work(world.running.portal) as work:
        presences, officer = work.presences(), world.who(OFFICER)
        answered = confirming.answer_request("f" * 32, RANG, officer, presences=presences)
        asked = confirming.ask_to_confirm("f" * 32, Way.OFFICER, world.who(), presences=presences)

    assert (answered, asked) == (WhyNotConfirmed.NOT_THERE, WhyNotConfirmed.FOREIGN)
    assert refused(world) == ["is-not-there", "is-somebody-elses"]
