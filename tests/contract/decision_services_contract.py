"""What every PortalServices does with decisions; subclasses provide the `world`."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from consent.circumstances import Channel, CompetenceQuestion, InvalidationReason, NotAskedReason
from consent.decisions.keeping import Taken
from consent.decisions.states import DecisionState, Remedy
from consent.errors import DecisionInvalidError
from consent.lawfulness import Article9, Basis
from consent.model import Decider, DeciderKind, Response, TakenBack
from schemas.identifiers import DecisionId
from schemas.vocabulary import Purpose
from services.decisions.choosing import UNNAMED
from services.portal.decisions.orders import (
    DecisionForm,
    HowDecided,
    ObjectionForm,
    WithdrawalForm,
)
from services.portal.decisions.refused import field_on_page, sentence_of
from services.portal.decisions.summaries import DecisionSummary, RecordedDecision
from services.portal.ports import PortalServices
from services.profile.model import Profile, ProfileRefused
from tests.support.portal.portal_forms import a_duty_for, a_permit_for
from tests.support.portal.portal_world import PortalWorld

World = PortalWorld[PortalServices]
JUDGED = HowDecided(competence=frozenset(CompetenceQuestion))
FATHER = Decider(DeciderKind.PARENT, "father")
ON_NO_LIST = Decider(DeciderKind.PARENT, "ab" * 16)


class DecisionServicesContract:
    """Subclass it, give the fixture `world` as PortalWorld describes it."""

    def test_all_that_was_told_is_listed(self, world: World) -> None:
        """How it was decided, on what ground, and who wrote it down."""
        how = HowDecided(Channel.TELEPHONE, "pl", "2026-03")
        told = {"article_9": Article9.EXPLICIT_CONSENT, "how": how, "review": date(2040, 1, 1)}

        recorded = self._record(world, **told)

        listed = self._listed(world, recorded.decision_id)
        assert listed.said.circumstances.channel is Channel.TELEPHONE
        assert listed.said.circumstances.interpreted_into == "pl"
        assert listed.said.circumstances.notice_version == "2026-03"
        assert listed.said.article_9 is Article9.EXPLICIT_CONSENT
        assert listed.said.review_at is not None
        assert listed.recorded_by == f"{world.practitioner.name}, {world.practitioner.job_title}"

    @pytest.mark.parametrize(
        ("form", "field"),
        [
            ({"decider_kind": DeciderKind.YOUNG_PERSON}, "competence"),
            ({"how": JUDGED}, "competence"),
            ({"how": HowDecided(parents_are_not_told=True)}, "parents-not-told"),
            ({"how": HowDecided(interpreted_into="Polish")}, "interpreter"),
            ({"response": Response.NOT_ASKED}, "why-not-asked"),
            ({"because": NotAskedReason.URGENT}, "why-not-asked"),
            ({"article_9": Article9.VITAL_INTERESTS}, "article-9"),
            ({"basis": Basis.LEGAL_OBLIGATION}, "gateways"),
            ({"response": Response.OBJECTED}, "basis"),
            ({"review": date(2020, 1, 1)}, "review-day"),
            ({"decided_on": date(1899, 12, 31)}, "decided-on-day"),
        ],
    )
    def test_what_makes_no_sense_names_its_field(
        self, world: World, form: dict[str, Any], field: str
    ) -> None:
        """As it is called on the page, with a sentence for who filled it in."""
        with pytest.raises(DecisionInvalidError) as raised:
            self._record(world, **form)

        assert field_on_page(raised.value) == field
        assert sentence_of(raised.value)[0].isupper()

    def test_a_paper_form_is_dated(self, world: World) -> None:
        """It was decided when it says, and is recorded now."""
        recorded = self._record(world, decided_on=date(2020, 6, 30))

        listed = self._listed(world, recorded.decision_id)
        assert listed.said.decided_at == datetime(2020, 6, 29, 23, tzinfo=UTC)
        assert listed.said.recorded_at is not None
        assert listed.said.known_at == listed.said.recorded_at > listed.said.decided_at

    def test_a_young_person_judged_competent_decides(self, world: World) -> None:
        """Whoever fills in the page is who judged."""
        recorded = self._record(world, decider_kind=DeciderKind.YOUNG_PERSON, how=JUDGED)

        listed = self._listed(world, recorded.decision_id)
        assert listed.judged_by == f"{world.practitioner.name}, {world.practitioner.job_title}"

    def test_the_new_decision_stands_in_the_place_of_the_old(self, world: World) -> None:
        """The old one says nothing more, and cannot be replaced again."""
        old = self._record(world).decision_id

        new = self._record(world, response=Response.REFUSED, supersedes=old)

        assert isinstance(self._read(world), ProfileRefused)
        assert self._listed(world, old).state is DecisionState.SUPERSEDED
        assert self._listed(world, old).said.superseded_by == new.decision_id
        with pytest.raises(DecisionInvalidError):
            self._record(world, supersedes=old)

    @pytest.mark.parametrize(
        ("form", "kept"),
        [
            (WithdrawalForm(TakenBack(FATHER, Channel.WRITTEN)), FATHER),
            (WithdrawalForm(TakenBack(ON_NO_LIST, Channel.WRITTEN), is_chosen=True), UNNAMED),
        ],
    )
    def test_who_takes_it_back_is_kept_and_never_in_the_way(
        self, world: World, form: WithdrawalForm, kept: Decider
    ) -> None:
        """A reference that is on no list of theirs is a parent; the withdrawal stands."""
        made = self._record(world).decision_id

        world.services.withdraw_decision(world.practitioner, made, form)

        listed = self._listed(world, made)
        assert isinstance(self._read(world), ProfileRefused)
        assert listed.state is DecisionState.WITHDRAWN
        assert listed.said.taken_back == TakenBack(kept, Channel.WRITTEN)

    def test_an_objection_stands_against_a_public_task(self, world: World) -> None:
        """A decision of its own; withdrawn, what it objected to holds again."""
        services, who = world.services, world.practitioner
        task = self._record(world, basis=Basis.PUBLIC_TASK).decision_id
        form = ObjectionForm(task, world.child, DeciderKind.PARENT, "father")
        opened = self._read(world)

        objection = services.object_to_decision(who, form)
        assert not isinstance(objection, ProfileRefused)
        refused = self._read(world)
        services.withdraw_decision(who, objection.decision_id)

        assert isinstance(opened, Profile)
        assert isinstance(refused, ProfileRefused)
        assert isinstance(self._read(world), Profile)
        listed = self._listed(world, objection.decision_id)
        assert (listed.said.response, listed.said.objects_to) == (Response.OBJECTED, task)
        assert self._listed(world, task).state is DecisionState.IN_FORCE

    def test_only_a_public_task_is_objected_to(self, world: World) -> None:
        """Consent is withdrawn."""
        consent = self._record(world).decision_id

        with pytest.raises(DecisionInvalidError):
            world.services.object_to_decision(
                world.practitioner,
                ObjectionForm(consent, world.child, DeciderKind.PARENT, "father"),
            )

    def test_a_duty_is_ended_and_not_withdrawn(self, world: World) -> None:
        """It says nothing more then."""
        services, who = world.services, world.practitioner
        duty = world.record(a_duty_for(world.child, by=who.id)).decision_id

        with pytest.raises(DecisionInvalidError):
            services.withdraw_decision(who, duty)
        ended = services.end_decision(who, duty)

        assert not isinstance(ended, ProfileRefused)
        assert self._listed(world, duty).state is DecisionState.EXPIRED

    def test_what_is_invalid_never_counted(self, world: World) -> None:
        """And stays so."""
        services, who = world.services, world.practitioner
        wrong = self._record(world).decision_id

        marked = services.invalidate_decision(who, wrong, InvalidationReason.WRONG_PERSON)

        assert not isinstance(marked, ProfileRefused)
        assert isinstance(self._read(world), ProfileRefused)
        listed = self._listed(world, wrong)
        assert listed.state is DecisionState.INVALIDATED
        assert listed.said.invalidated_because is InvalidationReason.WRONG_PERSON
        with pytest.raises(DecisionInvalidError):
            services.invalidate_decision(who, wrong, InvalidationReason.WRONG_PERSON)

    def test_what_is_offered_is_what_can_be_done(self, world: World) -> None:
        """While it is in force, and afterwards."""
        recorded = self._record(world).decision_id
        in_force = self._listed(world, recorded).remedies
        world.services.withdraw_decision(world.practitioner, recorded)

        assert in_force == (Remedy.WITHDRAW, Remedy.REPLACE, Remedy.INVALIDATE)
        assert self._listed(world, recorded).remedies == (Remedy.INVALIDATE,)

    def test_what_is_due_is_listed_for_those_who_work_with_the_family(self, world: World) -> None:
        """From its day on; nothing is due before."""
        services, who = world.services, world.practitioner
        tomorrow = services.now().date() + timedelta(days=1)
        recorded = self._record(world, review=tomorrow)
        before = services.decisions_due(who)

        self.pass_days(world, 2)

        due = services.decisions_due(who)
        assert before == []
        assert [(d.person, d.decision.decision_id) for d in due] == [
            (world.child, recorded.decision_id)
        ]

    def test_who_works_with_one_of_them_can_take_back_what_was_agreed_for_several(
        self, world: World
    ) -> None:
        """A family turns to whoever it knows; to call it invalid takes knowing everybody."""
        services, who = world.services, world.practitioner
        recorded = self.record_by_command(world, a_permit_for(world.child, world.unrelated))

        invalid = services.invalidate_decision(
            who, recorded.decision_id, InvalidationReason.WRONG_PERSON
        )
        taken_back = services.withdraw_decision(who, recorded.decision_id)

        assert isinstance(invalid, ProfileRefused)
        assert not isinstance(taken_back, ProfileRefused)

    def test_changes_need_a_relationship(self, world: World) -> None:
        """With everybody whom the decision is about; nobody's decision is as somebody else's."""
        services, who = world.services, world.practitioner
        made_up = DecisionId("0" * 32)
        form = ObjectionForm(made_up, world.unrelated, DeciderKind.PARENT, "mother")

        answers = (
            services.end_decision(who, made_up),
            services.invalidate_decision(who, made_up, InvalidationReason.WRONG_PERSON),
        )

        assert all(isinstance(answer, ProfileRefused) for answer in answers)
        assert services.object_to_decision(who, form) == Taken()

    def test_nobody_replaces_what_is_about_others_too(self, world: World) -> None:
        """To record asks for a relationship with each whom it is about, the replaced one too."""
        services, who = world.services, world.practitioner
        both = a_permit_for(world.child, world.unrelated)
        recorded = self.record_by_command(world, both).decision_id

        answers = (
            services.record_decision(who, both),
            services.record_decision(who, replace(both, supersedes=recorded)),
            services.record_decision(who, replace(a_permit_for(world.child), supersedes=recorded)),
        )

        assert all(isinstance(answer, ProfileRefused) for answer in answers)
        assert self._listed(world, recorded).state is DecisionState.IN_FORCE

    def record_by_command(self, world: World, form: DecisionForm) -> RecordedDecision:
        """Record it as the operator does, who works with nobody."""
        raise NotImplementedError

    def pass_days(self, world: World, days: int) -> None:
        """Let time go by."""
        raise NotImplementedError

    @staticmethod
    def _record(world: World, **changed: Any) -> RecordedDecision:
        form = replace(a_permit_for(world.child), **changed)
        return world.record(form)

    @staticmethod
    def _listed(world: World, decision: DecisionId) -> DecisionSummary:
        listed = world.services.decisions(world.practitioner, world.child)
        assert not isinstance(listed, ProfileRefused)
        return next(d for d in listed if d.decision_id == decision)

    @staticmethod
    def _read(world: World) -> Profile | ProfileRefused:
        return world.services.read_profile(world.practitioner, world.child, Purpose.EARLY_HELP)
