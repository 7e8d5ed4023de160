"""What every SupportServices does; subclasses provide the `world`."""

from dataclasses import replace

from schemas.identifiers import PersonId
from schemas.records.payloads import FactStatus, Involvement
from schemas.vocabulary import Purpose
from services.people.practitioners.people import SignedInPractitioner
from services.portal.ports import PortalServices
from services.profile.model import Profile, ProfileRefused
from services.profile.story.support import (
    Answer,
    HelpSaid,
    InvolvedSaid,
    NotPublished,
    StepSaid,
    SupportForm,
    SupportOutcome,
)
from tests.support.portal.portal_forms import a_permit_for
from tests.support.portal.portal_world import PortalWorld

World = PortalWorld[PortalServices]
EARLY_HELP = Purpose.EARLY_HELP
FIRST, SECOND = "a" * 32, "b" * 32
WRITTEN, NOT_THEIRS = SupportOutcome.WRITTEN, SupportOutcome.NOT_THEIRS
SLEEP = HelpSaid("Sleep in both homes")
RING = StepSaid("Ring speech therapy", "Tom Bartlett", "2026-12-03")
NUMBER = InvolvedSaid("01632 960 401")


class SupportServicesContract:
    """Subclass it, give the fixture `world` as PortalWorld describes it."""

    def test_help_wanted_is_read_again(self, world: World) -> None:
        """With who wrote it; it waits until somebody says more."""
        self.permit(world)

        assert self.help(world, SLEEP) is WRITTEN

        (view,) = self.profile(world).help_wanted
        assert (view.wanted.text, view.wanted.status) == (SLEEP.text, FactStatus.PLANNED)
        assert view.wanted.written.by.startswith(world.practitioner.name)
        assert view.person == world.child

    def test_a_form_that_is_sent_twice_is_entered_once(self, world: World) -> None:
        """Whichever form it is; another form of the same words is another."""
        self.permit(world)

        for _ in range(2):
            assert self.help(world, SLEEP) is WRITTEN
            assert self.step(world, RING) is WRITTEN
            assert self.involve(world, NUMBER) is WRITTEN
        assert self.help(world, SLEEP, once=SECOND) is WRITTEN

        profile = self.profile(world)
        assert len(profile.help_wanted) == 2
        assert len(profile.next_steps) == 1
        assert len(self.by_own_word(profile)) == 1

    def test_a_form_that_is_sent_again_with_other_words_changes_what_it_wrote(
        self, world: World
    ) -> None:
        """Somebody went back and mended it."""
        self.permit(world)
        self.help(world, SLEEP)

        assert self.help(world, replace(SLEEP, text="Sleep at home")) is WRITTEN

        assert [v.wanted.text for v in self.profile(world).help_wanted] == ["Sleep at home"]

    def test_what_became_of_help_is_said_of_the_same_entry(self, world: World) -> None:
        """Who wrote it first stays."""
        self.permit(world)
        self.help(world, SLEEP)
        (before,) = self.profile(world).help_wanted

        started = replace(SLEEP, helper="Breakfast club", status=FactStatus.UNDER_WAY)
        assert self.help(world, started, before.key) is WRITTEN

        (now,) = self.profile(world).help_wanted
        assert (now.key, now.wanted.status) == (before.key, FactStatus.UNDER_WAY)
        assert now.wanted.helper == "Breakfast club"
        assert now.wanted.written == before.wanted.written

    def test_a_step_is_done(self, world: World) -> None:
        """It says who does it and by when, and then that it is done."""
        self.permit(world)
        self.step(world, RING)
        (before,) = self.profile(world).next_steps
        assert (before.step.who, before.step.by, before.is_open) == (RING.who, RING.by, True)

        done = self.step(world, replace(RING, status=FactStatus.ENDED), before.key)

        assert done is WRITTEN
        (now,) = self.profile(world).next_steps
        assert not now.is_open

    def test_a_step_of_a_plan_that_is_not_shown_is_not_written(self, world: World) -> None:
        """Whatever the form says."""
        self.permit(world)

        assert self.step(world, replace(RING, plan="c" * 32)) is NOT_THEIRS
        assert self.profile(world).next_steps == ()

    def test_who_is_involved_can_be_rung(self, world: World) -> None:
        """By their own name, with the number that they gave; the later number stands."""
        self.permit(world)
        self.involve(world, NUMBER)

        self.involve(world, InvolvedSaid("01632 960 402"), once=SECOND)

        (view,) = self.by_own_word(self.profile(world))
        assert view.practitioner_name == world.practitioner.name
        assert view.telephone == "01632 960 402"
        assert view.agency_name == world.practitioner.agency_name

    def test_who_is_involved_no_longer_is_not_to_be_rung(self, world: World) -> None:
        """They stand among those who were; a second time says nothing new."""
        self.permit(world)
        self.involve(world, NUMBER)

        answers = [
            self.involve(world, InvolvedSaid("", is_over=True), once=once)
            for once in (SECOND, SECOND, "c" * 32)
        ]

        assert answers == [WRITTEN] * 3
        (view,) = self.by_own_word(self.profile(world))
        assert (view.is_current, view.telephone) == (False, None)

    def test_who_is_not_involved_ends_nothing(self, world: World) -> None:
        """Nor is there anything to take back."""
        self.permit(world)

        assert self.involve(world, InvolvedSaid("", is_over=True)) is NOT_THEIRS
        assert self.take_back(world) is NOT_THEIRS
        assert self.own(world) is None

    def test_what_was_entered_in_error_is_gone(self, world: World) -> None:
        """All three kinds; and who is involved may say so again."""
        self.permit(world)
        self.help(world, SLEEP)
        self.step(world, RING)
        self.involve(world, NUMBER)
        profile = self.profile(world)
        keys = (profile.help_wanted[0].key, profile.next_steps[0].key)

        answers = [self.take_back(world, key) for key in (*keys, None)]

        assert answers == [WRITTEN] * 3
        profile = self.profile(world)
        assert (profile.help_wanted, profile.next_steps) == ((), ())
        assert self.by_own_word(profile) == []
        assert self.take_back(world, keys[0]) is NOT_THEIRS
        self.involve(world, NUMBER, once=SECOND)
        assert isinstance(self.own(world), Involvement)

    def test_nothing_is_written_that_nobody_may_read(self, world: World) -> None:
        """It is refused with the reasons, and nothing of it is kept."""
        answers = (
            self.help(world, SLEEP),
            self.step(world, RING),
            self.involve(world, NUMBER),
        )

        assert all(isinstance(answer, NotPublished) for answer in answers)
        self.permit(world)
        assert self.profile(world).help_wanted == ()

    def test_a_stranger_writes_nothing(self, world: World) -> None:
        """Every order needs a relationship."""
        services, who, person = world.services.support, world.practitioner, world.unrelated
        form = self.form()

        answers = (
            services.say_help(who, person, SLEEP, form),
            services.say_step(who, person, RING, form),
            services.say_involved(who, person, NUMBER, form),
            services.take_back(who, person, form),
            services.involvement(who, person, EARLY_HELP),
        )

        assert all(isinstance(answer, ProfileRefused) for answer in answers)

    def settle(self, world: World) -> None:
        """Override where what is written travels before it can be read; wait for it here."""

    def permit(self, world: World) -> None:
        """Let the family's mother agree that everything may be seen."""
        world.record(a_permit_for(world.child))

    @staticmethod
    def form(once: str = FIRST, entry: str | None = None) -> SupportForm:
        """A form as it was sent."""
        return SupportForm(once, EARLY_HELP, entry)

    def help(
        self, world: World, said: HelpSaid, entry: str | None = None, once: str = FIRST
    ) -> Answer:
        """Write down what is wanted and wait until it can be read."""
        who, child = self._who(world)
        answer = world.services.support.say_help(who, child, said, self.form(once, entry))
        self.settle(world)
        return answer

    def step(self, world: World, said: StepSaid, entry: str | None = None) -> Answer:
        """Write down a step and wait until it can be read."""
        who, child = self._who(world)
        answer = world.services.support.say_step(who, child, said, self.form(entry=entry))
        self.settle(world)
        return answer

    def involve(self, world: World, said: InvolvedSaid, once: str = FIRST) -> Answer:
        """Say that they are involved, or no longer, and wait until it can be read."""
        who, child = self._who(world)
        answer = world.services.support.say_involved(who, child, said, self.form(once))
        self.settle(world)
        return answer

    def take_back(self, world: World, entry: str | None = None) -> Answer:
        """Take back what was entered in error, and wait until it is gone."""
        who, child = self._who(world)
        answer = world.services.support.take_back(who, child, self.form(SECOND, entry))
        self.settle(world)
        return answer

    def own(self, world: World) -> Involvement | ProfileRefused | None:
        """What they said of themselves."""
        who, child = self._who(world)
        return world.services.support.involvement(who, child, EARLY_HELP)

    def profile(self, world: World) -> Profile:
        """Read the family for early help."""
        who, child = self._who(world)
        found = world.services.read_profile(who, child, EARLY_HELP)
        assert isinstance(found, Profile)
        return found

    @staticmethod
    def by_own_word(profile: Profile) -> list:
        """Who says themselves that they are involved, or were."""
        return [view for view in profile.practitioners if view.is_first_hand]

    @staticmethod
    def _who(world: World) -> tuple[SignedInPractitioner, PersonId]:
        return world.practitioner, world.child
