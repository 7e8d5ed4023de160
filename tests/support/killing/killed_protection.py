"""Restrictions, exclusions, staff and joins by two, step by step; what `each_statement` kills.

Of the people around one child as `tests.support.people.protecting` enters them.
"""

from collections.abc import Mapping
from datetime import timedelta

from consent.decisions.restrictions import Change
from consent.model import RestrictionScope
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Purpose, Role
from services.decisions.protection import changing, ending, excluding, restricting
from services.decisions.protection.excluding import NameExcluded
from services.people.linking.joins import JoinPersons, join_persons
from services.people.linking.second_hands import (
    ConfirmJoin,
    PartPersons,
    confirm_join,
    part_persons,
)
from services.people.practitioners.postgres_directory import PractitionerEntry
from services.people.relationships import staff
from services.people.relationships.staff import StaffChange
from services.work import Outside, UnitOfWork, unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.fakes.in_process import AGENCY, SCHOOL
from tests.support.killing.each_statement import Step, newest
from tests.support.ordering import ONE, OTHER
from tests.support.people.joined import SECOND_STEWARD, STEWARD, by_la_id
from tests.support.people.protecting import (
    GOVERNANCE,
    HOLDERS,
    NAMES,
    NURSE,
    STRANGER,
    WORKER,
    hand,
)

NEW = PractitionerId("4e" * 16)


def _place(outside: Outside, person: PersonId) -> object:
    with unit_of_work(outside) as work:
        who, ports = hand(work, VISITOR), work.restricting()
        return restricting.place(person, RestrictionScope.PERSON, who, restricting=ports)


def _ask(outside: Outside, person: PersonId, by: PractitionerId, *, lifts: bool) -> object:
    with unit_of_work(outside) as work:
        known = work.decisions.on_record([person])[person].restrictions
        (current,) = [one for one in known if one.is_in_force(work.now)]
        allowed = None if lifts else HOLDERS
        change = Change(allowed, RestrictionScope.PERSON, was_asked_safely=True)
        ports = work.restricting()
        return changing.ask_change(current.id, change, hand(work, by), restricting=ports)


def _ask_to_last(outside: Outside, person: PersonId) -> object:
    return _ask(outside, person, GOVERNANCE, lifts=False)


def _ask_to_lift(outside: Outside, person: PersonId) -> object:
    return _ask(outside, person, VISITOR, lifts=True)


def _answer(outside: Outside, by: PractitionerId) -> object:
    order = newest(outside, changing.KIND)
    with unit_of_work(outside) as work:
        ports = work.restricting()
        return changing.answer_change(order, hand(work, by), confirms=True, restricting=ports)


def _name(outside: Outside, person: PersonId) -> object:
    with unit_of_work(outside) as work:
        order = NameExcluded((person,), NAMES[WORKER])
        return excluding.record(order, hand(work, STRANGER), excluding=work.excluding())


def _exclusion(work: UnitOfWork, person: PersonId) -> str:
    (one,) = [e for e in work.protection.exclusions_standing() if e.person == person]
    return one.id


def _confirm_exclusion(outside: Outside, person: PersonId) -> object:
    with unit_of_work(outside) as work:
        one, who = _exclusion(work, person), hand(work, NURSE)
        return excluding.confirm(one, who, excluding=work.excluding())


def _ask_end(outside: Outside, person: PersonId) -> object:
    with unit_of_work(outside) as work:
        one, who, ports = _exclusion(work, person), hand(work, NURSE), work.excluding()
        return ending.ask_end(one, who, family_was_asked=True, excluding=ports)


def _end(outside: Outside, person: PersonId) -> object:
    del person
    order = newest(outside, ending.ENDING)
    with unit_of_work(outside) as work:
        who, ports = hand(work, TEACHER), work.excluding()
        return ending.answer(order, who, confirms=True, excluding=ports)


def _ask_staff(outside: Outside, person: PersonId) -> object:
    del person
    more = ("Lead", AGENCY, None, "HV-9", Purpose.DIRECT_CARE)
    entry = PractitionerEntry(NEW, "Ines Okafor", Role.LEAD_PRACTITIONER, *more)
    with unit_of_work(outside) as work:
        return staff.ask_staff(StaffChange(entry, is_move=False), by=ONE, staffing=work.staffing())


def _ask_move(outside: Outside, person: PersonId) -> object:
    del person
    more = ("Lead", SCHOOL, None, None, Purpose.DIRECT_CARE)
    entry = PractitionerEntry(NURSE, NAMES[NURSE], Role.LEAD_PRACTITIONER, *more)
    with unit_of_work(outside) as work:
        return staff.ask_staff(StaffChange(entry, is_move=True), by=ONE, staffing=work.staffing())


def _accept(outside: Outside, person: PersonId) -> object:
    del person
    order = newest(outside, staff.KIND)
    with unit_of_work(outside) as work:
        return staff.answer_staff(order, by=OTHER, confirms=True, staffing=work.staffing())


def _take_out(outside: Outside, person: PersonId) -> object:
    del person
    with unit_of_work(outside) as work:
        return staff.end_staff(VISITOR, by=ONE, staffing=work.staffing())


def _other(work: UnitOfWork) -> PersonId:
    return work.persons.resolve_or_create(by_la_id("999/7"), at=work.now)


def _claim(outside: Outside, person: PersonId) -> object:
    with unit_of_work(outside) as work:
        order = JoinPersons(person, _other(work), STEWARD, ("steward",))
        return join_persons(order, joining=work.joining())


def _warrant(outside: Outside, person: PersonId) -> object:
    with unit_of_work(outside) as work:
        joining = work.joining()
        (join,) = joining.joins.among([person, _other(work)])
        return confirm_join(ConfirmJoin(join.id, SECOND_STEWARD), joining=joining)


def _part(outside: Outside, person: PersonId) -> object:
    with unit_of_work(outside) as work:
        order = PartPersons(person, _other(work), STEWARD)
        return part_persons(order, joining=work.joining())


STEPS: Mapping[str, Step] = {
    "staff asked": Step(_ask_staff),
    "staff accepted": Step(_accept),
    "worker named": Step(_name),
    "exclusion confirmed": Step(_confirm_exclusion),
    "end asked": Step(_ask_end),
    "ended": Step(_end),
    "restriction placed": Step(_place),
    "lasting asked": Step(_ask_to_last),
    "lasting confirmed": Step(lambda outside, _: _answer(outside, TEACHER)),
    "lifting asked": Step(_ask_to_lift),
    "lifted": Step(lambda outside, _: _answer(outside, GOVERNANCE)),
    "claimed": Step(_claim, before=timedelta(hours=1)),
    "warranted": Step(_warrant),
    "parted": Step(_part),
    "move asked": Step(_ask_move),
    "moved": Step(_accept),
    "taken out": Step(_take_out),
}
