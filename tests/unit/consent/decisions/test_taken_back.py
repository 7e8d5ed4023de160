"""Who takes a decision back and how: kept, proven, and never in the way."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from consent.agreement import Agency
from consent.circumstances import Channel, InvalidationReason, RefusalReason
from consent.decisions.changing import invalidate_decision, withdraw_decision
from consent.decisions.confirming import confirm_decision
from consent.decisions.keeping import Asker, Recorded
from consent.decisions.recording import record_decision
from consent.decisions.states import DecisionState, state_of
from consent.errors import DecisionInvalidError
from consent.fhir import consents_from_decision, decision_from_consents
from consent.ledger.events import LedgerEvent
from consent.model import (
    SAYS_NO_ONLY,
    Decider,
    DeciderKind,
    Response,
    SharingDecision,
    TakenBack,
)
from schemas.identifiers import DecisionId, PersonId
from tests.support.builders import BOTH_HANDS, DAY, NOW, TEACHER, VISITOR, a_permit
from tests.support.consents.deciding_world import ACTOR, World, an_order
from tests.support.fakes.fake_deciders import FakeDeciders

TOLD = LedgerEvent.SHARING_DECISION_WITHDRAWAL_TOLD
COURT = TakenBack(Decider(DeciderKind.COURT, "court"), Channel.WRITTEN)
FATHER = TakenBack(
    Decider(DeciderKind.PARENT, "father"), Channel.TELEPHONE, RefusalReason.WHO_WOULD_SEE
)
NOBODY = TakenBack(Decider(DeciderKind.NOT_SAID, "not-said"))


class _OnlyWholeNames(FakeDeciders):
    """As the port says of a name in one word."""

    def decider_named(self, name: str, subjects: Collection[PersonId], *, at: datetime) -> Decider:
        del name, subjects, at
        raise DecisionInvalidError("decided-by", "is-not-a-first-and-a-last-name")


@pytest.fixture
def world() -> World:
    """Give ports of which nothing is known yet, to somebody who is both hands."""
    return World(asker=BOTH_HANDS)


def _withdrawn(
    world: World, decision: DecisionId, told: TakenBack | None, name: str | None = None
) -> Recorded:
    world.clock.pass_by(DAY)
    return withdraw_decision(decision, actor=ACTOR, deciding=world.deciding, told=told, name=name)


@pytest.mark.parametrize("told", [COURT, FATHER, NOBODY])
def test_it_is_kept_and_stands_in_the_ledger_as_codes(world: World, told: TakenBack) -> None:
    """In an entry beside the withdrawal's own; who it was is told in what capacity."""
    made = world.record().decision.id

    withdrawn = _withdrawn(world, made, told)

    (entry,) = world.ledger.of(TOLD)
    assert withdrawn.decision.taken_back == told
    assert state_of(withdrawn.decision, world.clock.now()) is DecisionState.WITHDRAWN
    assert entry.fields["taken_back_by"] == told.by.kind
    assert entry.fields["channel"] == ([told.channel] if told.channel else [])
    assert entry.fields["because"] == ([told.because] if told.because else [])
    assert set(entry.fields) == {"decision", "subjects", "taken_back_by", "channel", "because"}


def test_without_a_word_it_is_in_force_and_nothing_is_entered_beside_it(world: World) -> None:
    """As every withdrawal was before anybody asked."""
    withdrawn = _withdrawn(world, world.record().decision.id, None)

    assert withdrawn.decision.withdrawn_at == world.clock.now()
    assert withdrawn.decision.taken_back is None
    assert world.ledger.of(LedgerEvent.SHARING_DECISION_WITHDRAWN)
    assert not world.ledger.of(TOLD)


def test_a_name_is_kept_as_sources_call_them(world: World) -> None:
    """A parent's only; of a court nobody is called."""
    of_parent, of_court = world.record().decision.id, world.record().decision.id

    named = _withdrawn(world, of_parent, FATHER, "Alaric Wren").decision.taken_back
    unnamed = _withdrawn(world, of_court, COURT, "Alaric Wren").decision.taken_back

    assert named == replace(FATHER, by=Decider(DeciderKind.PARENT, "Alaric Wren"))
    assert unnamed == COURT


def test_a_name_that_is_none_holds_nothing_up(world: World) -> None:
    """What it says is left out, and the withdrawal is in force."""
    made = world.record().decision.id
    world.deciders = _OnlyWholeNames()

    withdrawn = _withdrawn(world, made, FATHER, "Alaric")

    assert withdrawn.decision.withdrawn_at is not None
    assert withdrawn.decision.taken_back == FATHER


def test_both_parts_of_one_act_are_taken_back_by_the_same(world: World) -> None:
    """What is in force for others, and what waits for one's own agency."""
    world.asker = Asker(VISITOR, Agency.HEALTH_VISITING, case_load_since=NOW - DAY)
    recorded = world.record()
    assert recorded.waiting is not None

    _withdrawn(world, recorded.decision.id, FATHER)

    parts = [world.now_stands(one.id) for one in (recorded.decision, recorded.waiting)]
    assert [part.taken_back for part in parts] == [FATHER, FATHER]
    assert len(world.ledger.of(TOLD)) == 2


def test_who_takes_a_no_back_is_kept_until_it_is_confirmed(world: World) -> None:
    """It waits with what waits, and is entered when that is carried out."""
    asked, confirms = (
        Asker(who, agency, case_load_since=NOW - DAY)
        for who, agency in ((TEACHER, Agency.SCHOOLS), (VISITOR, Agency.FAMILY_HUB))
    )
    world.record()
    no = world.record(response=Response.REFUSED).decision.id
    world.asker = asked
    waiting = _withdrawn(world, no, FATHER).waiting
    before = list(world.ledger.of(TOLD))

    world.asker = replace(confirms, is_confirmed=True)
    confirm_decision(no, actor=f"practitioner:{VISITOR}", deciding=world.deciding)

    assert waiting is not None
    assert waiting.change_asked is not None
    assert (waiting.taken_back, waiting.change_asked.taken_back) == (None, FATHER)
    assert not before
    assert world.now_stands(no).taken_back == FATHER
    assert len(world.ledger.of(TOLD)) == 1


def test_what_stands_again_was_taken_back_by_who_took_back_what_had_its_place(
    world: World,
) -> None:
    """A permission stays over whose invalid follower was withdrawn."""
    first = world.record().decision.id
    wrong = world.record(supersedes=first).decision.id
    _withdrawn(world, wrong, FATHER)

    invalidate_decision(
        wrong, InvalidationReason.RECORDED_WRONGLY, actor=ACTOR, deciding=world.deciding
    )

    stands = world.now_stands(first)
    assert stands.withdrawn_at is not None
    assert stands.taken_back == FATHER


@pytest.mark.parametrize("kind", sorted(SAYS_NO_ONLY))
def test_a_no_is_taken_from_anybody_and_a_yes_only_from_the_family(
    world: World, kind: DeciderKind
) -> None:
    """Also from a court, and from who does not say who they are."""
    by = Decider(kind, kind.value)

    no = record_decision(
        an_order(response=Response.REFUSED, decided_by=by), deciding=world.deciding
    )
    refused = []
    for response in (Response.GIVEN, Response.NOT_ASKED):
        with pytest.raises(DecisionInvalidError) as raised:
            record_decision(an_order(response=response, decided_by=by), deciding=world.deciding)
        refused.append((raised.value.field, raised.value.reason))

    assert state_of(no.decision, world.clock.now()) is DecisionState.IN_FORCE
    assert refused == [("decided-by", "agrees-for-no-family")] * 2


# As FHIR Consents.


def _written(decision: SharingDecision) -> Sequence[Mapping[str, Any]]:
    return consents_from_decision(decision, organization="Organization/us", policy_uri="urn:us")


def _performer(consent: Mapping[str, Any]) -> tuple[str, str]:
    (performer,) = consent["performer"]
    return performer["identifier"]["system"], performer["identifier"]["value"]


@pytest.mark.parametrize("told", [COURT, FATHER, NOBODY])
def test_the_denial_that_a_withdrawal_is_names_who_took_it_back(told: TakenBack) -> None:
    """Consent.performer is who disagrees; how and why stand where they do of every refusal."""
    decision = a_permit(withdrawn_at=NOW, taken_back=told)

    permission, denial = _written(decision)

    how = {one["url"].rpartition("consent-")[2] for one in denial.get("extension", ())}
    expected = {"channel": told.channel, "because": told.because}
    assert _performer(permission) == ("urn:tell-once:decider:parent", "mother")
    assert _performer(denial) == (f"urn:tell-once:decider:{told.by.kind}", told.by.reference)
    assert how == {name for name, value in expected.items() if value}
    assert decision_from_consents([permission, denial]) == decision


def test_of_an_old_withdrawal_the_denial_is_of_who_had_permitted() -> None:
    """Nobody knows better."""
    permission, denial = _written(a_permit(withdrawn_at=NOW))

    assert _performer(denial) == _performer(permission)


def test_a_court_is_an_organisation_and_who_is_not_named_is_of_no_kind() -> None:
    """For a reader who does not know our codes."""
    kinds = [
        _written(a_permit(withdrawn_at=NOW, taken_back=told))[1]["performer"][0].get("type")
        for told in (COURT, NOBODY)
    ]

    assert kinds == ["Organization", None]
