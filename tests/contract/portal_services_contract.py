"""What every implementation of PortalServices must do; subclasses provide the `world`."""

from dataclasses import replace
from datetime import UTC

import pytest

from consent.decisions.keeping import Taken
from consent.errors import DecisionInvalidError
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.vocabulary import Purpose
from services.portal.decisions.refused import field_on_page
from services.portal.front.orders import OrderAnswer
from services.portal.ports import PortalServices
from services.profile.families import BeforeContact
from services.profile.model import Profile, ProfileRefused
from services.profile.story.writing import ToldStory
from tests.support.portal.portal_forms import a_permit_for
from tests.support.portal.portal_world import PortalWorld

World = PortalWorld[PortalServices]


class PortalServicesContract:
    """Subclass it, give the fixture `world` as PortalWorld describes it."""

    def test_time_is_aware_and_utc(self, world: World) -> None:
        """Pages compute ages and last days from it."""
        assert world.services.now().tzinfo is UTC

    def test_a_session_lasts_until_it_is_ended(self, world: World) -> None:
        """A secret opens a session for the person who signed in, and no longer than sign-out."""
        secret = world.services.sign_in(world.practitioner.id)
        assert secret is not None
        session = world.services.session(secret)

        world.services.sign_out(secret)

        assert session is not None
        assert session.practitioner == world.practitioner
        assert world.services.session(secret) is None

    def test_sessions_do_not_share_secrets(self, world: World) -> None:
        """Neither the cookie nor what binds forms is the same twice, and both are long."""
        secrets = [world.services.sign_in(world.practitioner.id) or "" for _ in range(2)]
        sessions = [world.services.session(secret) for secret in secrets]

        assert len(set(secrets)) == len({s.csrf_secret for s in sessions if s}) == 2
        assert all(len(secret) >= 32 for secret in secrets)
        assert all(s is not None and len(s.csrf_secret) >= 32 for s in sessions)

    def test_an_order_that_there_is_not_is_nobodys(self, world: World) -> None:
        """Nothing waits, and an id that somebody made up is answered with nothing."""
        orders, who, made_up = world.services.orders, world.practitioner, "0" * 32

        assert list(orders.waiting(who)) == []
        assert orders.one(who, made_up) is None
        assert all(orders.answer(who, made_up, answer) is None for answer in OrderAnswer)

    def test_a_name_that_no_partner_used_has_no_uses(self, world: World) -> None:
        """Nor is there anything to disown under an id that somebody made up."""
        uses, who, made_up = world.services.uses, world.practitioner, "0" * 32

        assert list(uses.mine(who, None)) == list(uses.mine(who, made_up)) == []
        assert uses.disown(who, made_up) is False

    def test_nobody_else_can_sign_in(self, world: World) -> None:
        """An unknown id and an unknown secret open nothing."""
        assert world.services.sign_in(PractitionerId("nobody")) is None
        assert world.services.session("made-up") is None

    def test_a_search_finds_who_is_known_and_not_protected(self, world: World) -> None:
        """Protected and unknown people get the same answer."""
        entries = (world.child_entry, world.protected_entry, world.unknown_entry)

        found = [world.services.find_family(world.practitioner, entry) for entry in entries]

        assert found == [world.child, None, None]

    def test_a_search_needs_the_date_of_birth_to_agree(self, world: World) -> None:
        """A number alone finds nobody."""
        born = world.child_entry.date_of_birth
        wrong = replace(world.child_entry, date_of_birth=born.replace(year=born.year - 1))

        assert world.services.find_family(world.practitioner, wrong) is None

    def test_without_a_relationship_all_answers_are_alike(self, world: World) -> None:
        """Nobody's, protected and unknown people are refused with the same words."""
        people = (world.unrelated, world.protected, world.unknown)

        answers = [self.read(world, person) for person in people]

        assert isinstance(answers[0], ProfileRefused)
        assert answers[0] == answers[1] == answers[2]

    def test_without_a_decision_nothing_is_shown(self, world: World) -> None:
        """A relationship alone is not enough."""
        assert isinstance(self.read(world, world.child), ProfileRefused)

    def test_a_permit_opens_the_very_next_page_and_its_withdrawal_closes_it(
        self, world: World
    ) -> None:
        """Both are in force for the next read."""
        recorded = world.record(a_permit_for(world.child))
        opened = self.read(world, world.child)

        withdrawn = world.services.withdraw_decision(world.practitioner, recorded.decision_id)
        closed = self.read(world, world.child)

        assert isinstance(opened, Profile)
        assert opened.child == world.child
        assert not isinstance(withdrawn, ProfileRefused)
        assert withdrawn.version > recorded.version
        assert isinstance(closed, ProfileRefused)

    def test_a_permit_opens_for_its_purpose_only(self, world: World) -> None:
        """Early help is not safeguarding."""
        world.record(a_permit_for(world.child))

        answer = world.services.read_profile(world.practitioner, world.child, Purpose.SAFEGUARDING)

        assert isinstance(answer, ProfileRefused)

    def test_decisions_are_listed_newest_first_with_their_state(self, world: World) -> None:
        """What no longer holds stays on the list."""
        services, who = world.services, world.practitioner
        first = world.record(a_permit_for(world.child))
        second = world.record(a_permit_for(world.child))
        services.withdraw_decision(who, first.decision_id)

        listed = services.decisions(who, world.child)

        assert not isinstance(listed, ProfileRefused)
        states = {d.decision_id: (d.state, d.said.withdrawn_at is not None) for d in listed}
        assert listed[0].decision_id == second.decision_id
        assert states[second.decision_id] == ("in-force", False)
        assert states[first.decision_id] == ("withdrawn", True)

    def test_a_decision_about_somebody_by_number_is_about_who_has_it(self, world: World) -> None:
        """For whoever works with them."""
        recorded = world.record(a_permit_for(world.child_entry))

        assert recorded.subjects == (world.child,)
        assert recorded.ledger_entry

    def test_recording_asks_what_reading_asks(self, world: World) -> None:
        """Whoever it is about: the same answer, also where a date of birth is wrong."""
        services, who = world.services, world.practitioner
        born = world.child_entry.date_of_birth
        misborn = replace(world.child_entry, date_of_birth=born.replace(year=born.year - 1))
        people = (world.unrelated, world.protected, world.unknown)
        entries = (world.unrelated_entry, world.protected_entry, world.unknown_entry, misborn)

        recorded = [services.record_decision(who, a_permit_for(one)) for one in (*people, *entries)]
        asked = [services.refusal_about(who, [person]) for person in people]

        assert isinstance(recorded[0], ProfileRefused)
        assert all(answer == recorded[0] for answer in (*recorded, *asked))
        assert services.refusal_about(who, [world.child]) is None
        assert services.refusal_about(who, [world.child, world.unrelated]) == recorded[0]

    def test_nothing_is_recorded_of_whom_it_was_refused(self, world: World) -> None:
        """Nobody becomes known by it, and who works with them finds no decision."""
        for subject in (world.unknown_entry, world.protected_entry):
            world.services.record_decision(
                world.practitioner, a_permit_for(world.child_entry, subject)
            )

        assert world.services.find_family(world.practitioner, world.unknown_entry) is None
        assert world.services.decisions(world.practitioner, world.child) == []

    def test_a_decision_about_nobody_names_the_field(self, world: World) -> None:
        """The page shows the fault beside its field."""
        with pytest.raises(DecisionInvalidError) as caught:
            world.record(a_permit_for())

        assert field_on_page(caught.value) == "identifier"

    def test_lists_and_changes_need_a_relationship_too(self, world: World) -> None:
        """Decisions, looks and the story are closed as the profile is."""
        services, who, person = world.services, world.practitioner, world.unrelated

        answers = (
            services.decisions(who, person),
            services.who_has_looked(who, person),
            services.add_story(who, person, ToldStory("Mornings are hard.", "Mum")),
        )
        withdrawn = services.withdraw_decision(who, DecisionId("made-up"))

        assert all(isinstance(answer, ProfileRefused) for answer in answers)
        assert withdrawn == Taken()

    def test_of_whom_one_may_not_ask_no_death_is_told(self, world: World) -> None:
        """The same as of somebody of whose death nothing is told."""
        people = (world.unrelated, world.protected, world.unknown, world.child)

        told = [world.services.before_contact(world.practitioner, person) for person in people]

        assert told == [BeforeContact(), BeforeContact(), BeforeContact(), BeforeContact()]

    def test_nobody_makes_their_own_relationship(self, world: World) -> None:
        """Whoever writes down a decision about a stranger still has nothing to do with them."""
        services, who = world.services, world.practitioner
        for subject in (world.unrelated, world.unrelated_entry, world.unknown_entry):
            services.record_decision(who, a_permit_for(subject))

        opened = [self.read(world, world.unrelated), services.decisions(who, world.unrelated)]

        assert all(isinstance(answer, ProfileRefused) for answer in opened)
        assert [family.person for family in services.my_families(who)] == [world.child]

    def test_looks_are_listed_newest_first_with_refusals(self, world: World) -> None:
        """The family can see who looked and who was refused."""
        self.read(world, world.child)
        world.record(a_permit_for(world.child))
        self.read(world, world.child)

        looks = world.services.who_has_looked(world.practitioner, world.child)

        assert not isinstance(looks, ProfileRefused)
        assert [look.permitted for look in looks[:2]] == [True, False]
        assert looks[0].practitioner_name == world.practitioner.name

    def test_families_are_those_one_works_with(self, world: World) -> None:
        """A name is on the list only where it may be seen."""
        families = world.services.my_families(world.practitioner)

        assert [(f.person, f.name) for f in families] == [(world.child, None)]

    @staticmethod
    def read(world: World, person: PersonId) -> Profile | ProfileRefused:
        """Open somebody for early help."""
        return world.services.read_profile(world.practitioner, person, Purpose.EARLY_HELP)
