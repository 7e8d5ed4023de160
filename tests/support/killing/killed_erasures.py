"""Erasures and reports by two, step by step; what `each_statement` kills."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from schemas.identifiers import PersonId
from services.interfaces.subject_access.held import GivenTo
from services.interfaces.subject_access.ordering import (
    AskReport,
    ReportOrdering,
    ask_report,
    make_ordered,
)
from services.interfaces.subject_access.reporting import reporting
from services.lifecycle.erasure.erasing import ErasureGround
from services.lifecycle.erasure.ordering import Officer, ask_erasure, confirm_erasure, stop_erasure
from services.people.governance.reports import ReportOfficer, answer_report
from services.work import Outside, unit_of_work
from services.workers.erasure import carry_out_erasure, ordering
from tests.support.killing.each_statement import Step, newest
from tests.support.ordering import ONE, OTHER

ERASURE, REPORT = "erasure", "subject-access"


def _ask(outside: Outside, person: PersonId) -> object:
    with ordering(outside) as found:
        ground = ErasureGround.UNLAWFUL
        return ask_erasure(person, ground, frozenset(), by=Officer(ONE), ordering=found)


def _confirm(outside: Outside, person: PersonId) -> object:
    del person
    with ordering(outside) as found:
        return confirm_erasure(newest(outside, ERASURE), by=Officer(OTHER), ordering=found)


def _stop(outside: Outside, person: PersonId) -> object:
    del person
    with ordering(outside) as found:
        return stop_erasure(newest(outside, ERASURE), by=Officer(ONE), ordering=found)


def _carry_out(outside: Outside, person: PersonId) -> object:
    del person
    return carry_out_erasure(newest(outside, ERASURE), by="job:erasure", outside=outside)


def _ask_report(outside: Outside, person: PersonId) -> object:
    with unit_of_work(outside) as work:
        wanted = AskReport(person, GivenTo.PERSON)
        return ask_report(wanted, by=ReportOfficer(ONE), ordering=_reports(work, outside))


def _confirm_report(outside: Outside, person: PersonId) -> object:
    del person
    with unit_of_work(outside) as work:
        hands = _reports(work, outside)
        return answer_report(
            newest(outside, REPORT), by=ReportOfficer(OTHER), confirms=True, hands=hands
        )


def _make_report(outside: Outside, person: PersonId) -> object:
    del person
    with unit_of_work(outside) as work:
        return make_ordered(
            newest(outside, REPORT), by=ReportOfficer(ONE), ordering=_reports(work, outside)
        )


def _reports(work: Any, outside: Outside) -> ReportOrdering:
    presences = work.presences()
    told = (presences.contacts, presences.channels, presences.messages, work.now)
    return ReportOrdering(reporting(work, outside), work.orders, *told)


STEPS: Mapping[str, Step] = {
    "report asked": Step(_ask_report),
    "report confirmed": Step(_confirm_report),
    "report made": Step(_make_report),
    "asked": Step(_ask),
    "confirmed": Step(_confirm),
    "stopped": Step(_stop),
    "asked again": Step(_ask),
    "confirmed again": Step(_confirm),
    "carried out": Step(_carry_out, before=timedelta(days=7)),
}
