"""What one person can do about a family, by every use case; each answer may be a refusal."""

from dataclasses import dataclass, replace

from consent.circumstances import Circumstances, InvalidationReason
from consent.decisions.objecting import ObjectTo
from consent.decisions.restrictions import Change
from consent.model import Decider, RecordDecision, RestrictionScope
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.vocabulary import Purpose
from services.decisions import at_the_desk
from services.decisions.protection import changing, ending, excluding, restricting
from services.decisions.protection.excluding import NameExcluded
from services.decisions.protection.hands import Hand
from services.profile.story import writing as story_writing
from services.profile.story.reading import StoryVisit
from services.profile.story.writing import ToldStory
from tests.support.people.alone_reaching import Reaching
from tests.support.people.seen import OWN_WORDS


@dataclass(slots=True)
class ActingAlone(Reaching):
    """What they can do about what is on record: decisions, protection, the story."""

    # Decisions, at the desk.

    def record(self, **said: object) -> None:
        """Record anything about the child, as somebody is said to have decided."""
        defaults = {"subjects": (self.world.child,), "actor": self.who.actor}
        order = RecordDecision(**(defaults | said))  # type: ignore[arg-type] # fields of the order
        by_them = replace(order.circumstances, recorded_by=self.who.actor)
        order = replace(order, circumstances=by_them)
        self._decide(lambda desk: at_the_desk.record(order, self.who, desk=desk))

    def withdraw(self, decision: DecisionId) -> None:
        """Take one back."""
        self._decide(lambda desk: at_the_desk.withdraw(decision, self.who, desk=desk))

    def end(self, decision: DecisionId) -> None:
        """End one."""
        self._decide(lambda desk: at_the_desk.end(decision, self.who, desk=desk))

    def invalidate(self, decision: DecisionId) -> None:
        """Say that one never counted."""
        why = InvalidationReason.WRONG_PERSON
        self._decide(lambda desk: at_the_desk.invalidate(decision, why, self.who, desk=desk))

    def object_to(self, decision: DecisionId, objector: Decider) -> None:
        """Say that somebody of the family objects."""
        said = Circumstances(recorded_by=self.who.actor)
        order = ObjectTo(decision, objector, self.who.actor, circumstances=said)
        child = self.world.child
        self._decide(lambda desk: at_the_desk.record_objection(order, child, self.who, desk=desk))

    def confirm(self, decision: DecisionId) -> None:
        """Be the second hand as well, by every account that one has."""
        for account in self.accounts:
            who = self._signed_in(account)
            self._decide(lambda desk, who=who: at_the_desk.confirm(decision, who, desk=desk))

    # Protection.

    def protect(self, scope: RestrictionScope) -> None:
        """Place a restriction of the child."""
        with self._portal() as work:
            ports, who = work.restricting(), Hand.of(self.who)
            restricting.place(self.world.child, scope, who, restricting=ports)

    def change_restrictions(self, change: Change) -> None:
        """Ask for every restriction there to be that, and answer by every account."""
        for restriction in self._ids("restriction", "restriction_id"):
            with self._portal() as work:
                ports, who = work.restricting(), Hand.of(self.who)
                changing.ask_change(restriction, change, who, restricting=ports)
        for order in self._ids("two_hands_order", "order_id"):
            for account in self.accounts:
                with self._portal() as work:
                    ports, who = work.restricting(), Hand.of(self._signed_in(account))
                    changing.answer_change(order, who, confirms=True, restricting=ports)

    def exclude(self, worker: PractitionerId) -> None:
        """Say that the family has named somebody."""
        self.excluded.add(worker)
        with self._portal() as work:
            order = NameExcluded((self.world.child,), self._signed_in(worker).name)
            excluding.record(order, Hand.of(self.who), excluding=work.excluding())

    def end_exclusions(self) -> None:
        """Ask for every exclusion there to end; confirm all, and answer, by every account."""
        for exclusion in self._ids("exclusion", "exclusion_id"):
            with self._portal() as work:
                ports, who = work.excluding(), Hand.of(self.who)
                ending.ask_end(exclusion, who, family_was_asked=True, excluding=ports)
                excluding.confirm(exclusion, who, excluding=ports)
        for order in self._ids("two_hands_order", "order_id"):
            for account in self.accounts:
                with self._portal() as work:
                    ports, who = work.excluding(), Hand.of(self._signed_in(account))
                    ending.answer(order, who, confirms=True, excluding=ports)

    # The story.

    def add_story(self, *about: PersonId) -> None:
        """Write something down, also as being about others."""
        told = ToldStory(OWN_WORDS, "mother", about=about)
        with self._portal() as work:
            ports = work.story_writing()
            story_writing.add_story(self.who, self.world.child, told, writing=ports)
        self._store_what_was_told()

    def change_story(self, purpose: Purpose) -> None:
        """Correct, confirm and keep whatever of it one can read, and some that one cannot."""
        told, child, who = ToldStory(OWN_WORDS, "mother"), self.world.child, self.who
        with self._portal() as work:
            ports = work.story_writing()
            visit = StoryVisit.of(who, child, purpose, ports.opening)
            for key in (*visit.entries, "f" * 64):
                rest = (who, child, purpose)
                story_writing.correct_story(*rest, key, told, writing=ports)
                story_writing.confirm_story(*rest, [key], told_by="mother", writing=ports)
                story_writing.keep_story(*rest, key, frozenset(), writing=ports)
        self._store_what_was_told()
