"""What holds of agreements, and of what is compiled, in every world."""

import os
from dataclasses import replace
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent import CompiledRecord, Decision, OnRecord, Reason, decide
from consent.agreement import AdoptedAgreement, AgreementRule
from consent.deciding.decide import Answers, together
from tests.support.builders import DAY
from tests.support.strategies import PERSONS, World, adoptions, records_on, requests, rules, worlds

_EXAMPLES = int(os.environ.get("TELL_ONCE_ORACLE_EXAMPLES", "200"))
oracle = settings(
    max_examples=_EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
property_ = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NEVER = {
    Reason.ROLE_OPENS_NO_RECORDS,
    Reason.NO_SUBJECT,
    Reason.UNREADABLE_REQUEST,
    Reason.POLICY_DENIES,
}


@given(worlds, st.data())
@property_
def test_to_narrow_an_agreement_never_widens(world: World, data: st.DataObject):
    """Without one of its rules nothing more is permitted, to nobody."""
    if not world.on_record.agreements:
        return
    chosen = data.draw(st.sampled_from(world.on_record.agreements))
    left_out = data.draw(st.sampled_from(chosen.agreement.rules))
    fewer = tuple(rule for rule in chosen.agreement.rules if rule is not left_out)

    narrowed = _with(world.on_record, chosen, fewer)

    assert _is_no_wider(decide(world.request, narrowed), decide(world.request, world.on_record))


@given(worlds, rules)
@property_
def test_to_add_a_rule_never_narrows(world: World, rule: AgreementRule):
    """Rules only ever cover more: there is none that takes away."""
    found = world.on_record
    for chosen in world.on_record.agreements:
        found = _with(found, chosen, (*chosen.agreement.rules, rule))

    assert _is_no_wider(decide(world.request, world.on_record), decide(world.request, found))


@given(worlds)
@property_
def test_without_an_agreement_nothing_is_permitted(world: World):
    """Whatever was decided by whomever."""
    decision = decide(world.request, replace(world.on_record, agreements=()))

    assert not decision.is_permitted
    assert set(decision.reasons) <= NEVER


@given(worlds, adoptions)
@property_
def test_a_stale_agreement_permits_nothing(world: World, stale: AdoptedAgreement):
    """Also where a valid one was adopted before it."""
    ended = replace(stale.agreement, version="z", valid_until=date(2026, 2, 1))
    latest = AdoptedAgreement(ended, world.request.at)
    found = replace(world.on_record, agreements=(*world.on_record.agreements, latest))

    assert not decide(world.request, found).is_permitted


@given(worlds, adoptions)
@property_
def test_what_is_adopted_later_changes_no_past_answer(world: World, later: AdoptedAgreement):
    """The answer for a past date is the one that was given then, word for word."""
    later = replace(later, adopted_at=world.request.at + DAY)
    found = replace(world.on_record, agreements=(*world.on_record.agreements, later))

    assert decide(world.request, found) == decide(world.request, world.on_record)


@given(records_on, st.lists(requests, min_size=1, max_size=6))
@oracle
def test_what_is_compiled_once_answers_as_what_is_compiled_each_time(found: OnRecord, asked: list):
    """In whatever order it is asked whatever, of whichever times."""
    compiled = CompiledRecord(found)

    answers = [decide(request, compiled) for request in (*asked, *reversed(asked))]

    assert answers == [decide(request, found) for request in (*asked, *reversed(asked))]


@given(records_on, st.lists(requests, min_size=1, max_size=4))
@oracle
def test_the_answers_of_a_transaction_are_those_of_decide(found: OnRecord, asked: list):
    """What stands on record about both persons counts once."""
    on_record = {person: _about(person, found) for person in PERSONS}
    answers = Answers(on_record, found.agreements)

    for request in asked:
        plain = decide(request, together(on_record.values()))
        assert answers.to(request) == plain
        assert plain.policy_version == answers.policy_version(request.at)


@given(worlds)
@property_
def test_about_somebody_who_was_not_looked_up_nothing_is_permitted(world: World):
    """Their refusals and restrictions are not there, so no decision about them counts."""
    answers = Answers({PERSONS[0]: _about(PERSONS[0], world.on_record)})

    if PERSONS[1] in world.request.subjects:
        assert not answers.to(world.request).is_permitted


def _about(person: str, found: OnRecord) -> OnRecord:
    return OnRecord(
        tuple(d for d in found.decisions if person in d.subjects),
        tuple(r for r in found.restrictions if r.subject == person),
        found.agreements,
    )


def _with(found: OnRecord, old: AdoptedAgreement, rules_: tuple[AgreementRule, ...]) -> OnRecord:
    new = replace(old, agreement=replace(old.agreement, rules=rules_))
    return replace(found, agreements=tuple(new if a is old else a for a in found.agreements))


def _is_no_wider(after: Decision, before: Decision) -> bool:
    return before.is_permitted or not after.is_permitted
