"""What every PortalServices does with the story; subclasses provide the `world`."""

from dataclasses import replace

from schemas.records.published import NOT_KEPT, KeptTo
from schemas.vocabulary import SERVICES_HERE, Purpose, Source
from services.portal.ports import PortalServices
from services.profile.model import Profile, ProfileRefused, StoryScope, StoryView
from services.profile.story.reading import StoryReaders
from services.profile.story.writing import StoryOutcome, ToldStory
from tests.support.portal.portal_forms import a_permit_for
from tests.support.portal.portal_world import PortalWorld

World = PortalWorld[PortalServices]
TOLD = ToldStory("Call after nine.", "Mum", with_whom="Nan")
TO_HEALTH = frozenset({"agency:health-visiting"})
TO_SCHOOLS = frozenset({"agency:schools"})
EARLY_HELP = Purpose.EARLY_HELP


class StoryServicesContract:
    """Subclass it, give the fixture `world` as PortalWorld describes it."""

    def test_what_is_written_down_is_read_again(self, world: World) -> None:
        """In the family's words, with who said it, who wrote it down and who was there."""
        view = self.write(world, TOLD)

        assert (view.entry.told_by, view.entry.with_whom) == ("Mum", "Nan")
        assert view.entry.written_by.startswith(world.practitioner.name)
        assert view.about == (world.child,)
        assert view.kept_to == NOT_KEPT

    def test_a_correction_stands_beside_what_it_corrects(self, world: World) -> None:
        """The old words stay, with who corrected them; the new ones name them."""
        first = self.write(world, TOLD)

        done = self.correct(world, first.key, ToldStory("Call after ten.", "Dad"))

        assert done is StoryOutcome.WRITTEN
        story = {view.entry.text: view for view in self.story(world)}
        old, new = story["Call after nine."], story["Call after ten."]
        assert new.entry.corrects == old.key
        assert (old.corrected_by, old.corrections[0].told_by) == (new.key, "Dad")
        assert new.corrections == ()

    def test_a_correction_can_be_corrected(self, world: World) -> None:
        """Only the last of them is not struck through."""
        first = self.write(world, TOLD)
        self.correct(world, first.key, ToldStory("Call after ten.", "Mum"))
        second = self.find(world, "Call after ten.")

        self.correct(world, second.key, ToldStory("Call after eleven.", "Mum"))

        standing = [v for v in self.story(world) if v.entry.text.startswith("Call")]
        assert [v.entry.text for v in standing if not v.corrections] == ["Call after eleven."]

    def test_what_was_corrected_is_neither_corrected_nor_confirmed_again(
        self, world: World
    ) -> None:
        """Whoever had the old page open reads the correction first."""
        first = self.write(world, TOLD)
        self.correct(world, first.key, ToldStory("Call after ten.", "Mum"))

        answers = (
            self.correct(world, first.key, ToldStory("Call at noon.", "Dad")),
            self.confirm(world, first.key),
        )

        assert set(answers) == {StoryOutcome.CORRECTED_BEFORE}

    def test_a_correction_is_about_and_for_the_same_people(self, world: World) -> None:
        """Whoever reads one reads the other, whatever the form says."""
        first = self.write(world, replace(TOLD, kept_to=TO_HEALTH))

        self.correct(world, first.key, ToldStory("Call after ten.", "Mum", kept_to=TO_SCHOOLS))

        corrected = self.find(world, "Call after ten.")
        assert (corrected.about, corrected.kept_to) == (first.about, TO_HEALTH)

    def test_what_has_not_changed_is_confirmed(self, world: World) -> None:
        """With who said so and who wrote it down, on each entry."""
        first, second = self.write(world, TOLD), self.write(world, ToldStory("He naps.", "Dad"))

        done = self.confirm(world, first.key, second.key)

        assert done is StoryOutcome.WRITTEN
        for key in (first.key, second.key):
            (confirmation,) = self.by_key(world, key).confirmations
            assert confirmation.told_by == "Nan"
            assert confirmation.written_by.startswith(world.practitioner.name)

    def test_all_entries_are_confirmed_or_none(self, world: World) -> None:
        """A made-up one among them is no entry at all."""
        first = self.write(world, TOLD)

        done = self.confirm(world, first.key, "made-up")

        assert done is StoryOutcome.NOT_SHOWN
        assert self.by_key(world, first.key).confirmations == ()
        assert self.confirm(world) is StoryOutcome.NOT_SHOWN

    def test_what_is_kept_to_others_is_not_read_by_who_wrote_it(self, world: World) -> None:
        """Nor corrected, confirmed or kept by them: it is as if it were not there."""
        self.write(world, TOLD)
        before = self.story(world)

        assert self.add(world, replace(TOLD, text="Not for you.", kept_to=TO_SCHOOLS)) is None

        assert self.story(world) == before

    def test_an_entry_can_be_kept_to_fewer_with_all_its_corrections(self, world: World) -> None:
        """Never to more again."""
        first = self.write(world, TOLD)
        self.correct(world, first.key, ToldStory("Call after ten.", "Mum"))
        second = self.find(world, "Call after ten.")

        kept = self.keep(world, second.key, TO_HEALTH)
        wider = self.keep(world, second.key, NOT_KEPT)

        assert (kept, wider) == (StoryOutcome.WRITTEN, StoryOutcome.WIDER_THAN_BEFORE)
        assert {self.by_key(world, v.key).kept_to for v in (first, second)} == {TO_HEALTH}

    def test_what_is_kept_from_them_later_is_gone_from_their_page(self, world: World) -> None:
        """With what it corrects."""
        first = self.write(world, TOLD)
        self.correct(world, first.key, ToldStory("Call after ten.", "Mum"))

        self.keep(world, self.find(world, "Call after ten.").key, TO_SCHOOLS)

        texts = {view.entry.text for view in self.story(world)}
        assert texts.isdisjoint({"Call after nine.", "Call after ten."})

    def test_readers_are_those_whom_the_decisions_let_read(self, world: World) -> None:
        """Nobody before, every service after, and fewer where it is kept to some."""
        open_, kept = StoryScope((world.child,)), StoryScope((world.child,), TO_SCHOOLS)
        nobody = self.readers(world, open_)
        self.permit(world)

        everybody, some = self.readers(world, open_), self.readers(world, kept)

        assert (nobody.agencies, nobody.may_you) == ((), False)
        assert {found.agency for found in everybody.agencies} == set(SERVICES_HERE)
        assert {found.purposes for found in everybody.agencies} == {(EARLY_HELP,)}
        assert everybody.may_you
        assert [found.agency for found in some.agencies] == [Source.SCHOOLS]
        assert not some.may_you

    def test_whoever_is_named_is_among_the_readers_by_name(self, world: World) -> None:
        """And nobody else is; whoever writes is always offered."""
        self.permit(world)
        by_name = frozenset({f"practitioner:{world.practitioner.id}"})

        readers = self.readers(world, StoryScope((world.child,), by_name))

        assert readers.agencies == ()
        assert [found.colleague.name for found in readers.named] == [world.practitioner.name]
        assert readers.may_you
        offered = world.services.who_may_be_named(world.practitioner, world.child, EARLY_HELP)
        assert world.practitioner.id in {colleague.id for colleague in offered}

    def test_nothing_is_written_about_somebody_they_may_not_know_of(self, world: World) -> None:
        """However the form was filled in."""
        self.permit(world)

        refused = self.add(world, replace(TOLD, about=(world.unrelated,)))

        assert isinstance(refused, ProfileRefused)

    def test_nothing_is_written_that_nobody_may_read(self, world: World) -> None:
        """It is refused with the reasons; nothing of it is kept."""
        assert isinstance(self.add(world, TOLD), ProfileRefused)

    def test_a_stranger_changes_nothing(self, world: World) -> None:
        """Every order needs a relationship."""
        services, who, person = world.services, world.practitioner, world.unrelated

        answers = (
            services.add_story(who, person, TOLD),
            services.correct_story(who, person, EARLY_HELP, "s", TOLD),
            services.confirm_story(who, person, EARLY_HELP, ["s"], told_by="Mum"),
            services.keep_story(who, person, EARLY_HELP, "s", TO_HEALTH),
            services.story_readers(who, person, [StoryScope((person,))]),
        )

        assert all(isinstance(answer, ProfileRefused) for answer in answers)
        assert services.who_may_be_named(who, person, EARLY_HELP) == []

    def settle(self, world: World) -> None:
        """Override where what is written travels before it can be read; wait for it here."""

    def permit(self, world: World) -> None:
        """Let the family's mother agree that everything may be seen."""
        world.record(a_permit_for(world.child))

    def add(self, world: World, told: ToldStory) -> ProfileRefused | None:
        """Write something down and wait until it can be read."""
        refused = world.services.add_story(world.practitioner, world.child, told)
        self.settle(world)
        return refused

    def write(self, world: World, told: ToldStory) -> StoryView:
        """Write something down that may be shared, and give it as it is read."""
        self.permit(world)
        assert self.add(world, told) is None
        return self.find(world, told.text)

    def correct(self, world: World, key: str, told: ToldStory) -> object:
        """Correct an entry and wait until that can be read."""
        done = world.services.correct_story(world.practitioner, world.child, EARLY_HELP, key, told)
        self.settle(world)
        return done

    def confirm(self, world: World, *keys: str) -> object:
        """Confirm entries and wait until that can be read."""
        done = world.services.confirm_story(
            world.practitioner, world.child, EARLY_HELP, keys, told_by="Nan"
        )
        self.settle(world)
        return done

    def keep(self, world: World, key: str, kept_to: frozenset[KeptTo]) -> object:
        """Keep an entry to some and wait until that holds."""
        done = world.services.keep_story(world.practitioner, world.child, EARLY_HELP, key, kept_to)
        self.settle(world)
        return done

    @staticmethod
    def readers(world: World, scope: StoryScope) -> StoryReaders:
        """Who could read an entry of this scope."""
        found = world.services.story_readers(world.practitioner, world.child, [scope])
        assert not isinstance(found, ProfileRefused)
        return found[0]

    @staticmethod
    def story(world: World) -> tuple[StoryView, ...]:
        """Read the child's story for early help."""
        profile = world.services.read_profile(world.practitioner, world.child, EARLY_HELP)
        assert isinstance(profile, Profile)
        return profile.story

    def find(self, world: World, text: str) -> StoryView:
        """Read the entry with these words."""
        (found,) = [view for view in self.story(world) if view.entry.text == text]
        return found

    def by_key(self, world: World, key: str) -> StoryView:
        """Read the entry of this key."""
        (found,) = [view for view in self.story(world) if view.key == key]
        return found
