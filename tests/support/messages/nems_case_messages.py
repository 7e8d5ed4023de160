"""Messages from what a case says in words: one builder for each event."""

from collections.abc import Callable, Mapping
from typing import Any

from connectors.health_visiting.nems.events import EventCode
from tests.support.messages.nems import AHeader, APerson, Part
from tests.support.messages.nems_assessments import AScale, observed, questionnaire, scale
from tests.support.messages.nems_child_health import (
    AnAuthority,
    AnEncounter,
    ARelative,
    AStatus,
    encounter_message,
    legal_status,
    related,
)
from tests.support.messages.nems_messages import ATest, professional_contact, screening, vaccination
from tests.support.messages.nems_pds import (
    birth_notification,
    change_of_address,
    change_of_gp,
    death_notification,
    record_change,
)

Said = Mapping[str, Any]

_EXPECTED = ("161714006", "Estimated date of delivery")


def _birth(person: APerson, header: AHeader, *, mother: Said | None = None, **more: Any) -> bytes:
    parent = None if mother is None else APerson(**_named(mother, lists=("given",)))
    return birth_notification(person, parent, header, **more)


def _screening(
    person: APerson,
    header: AHeader,
    *,
    tests: Mapping[str, str] | None = None,
    summary: str | None = None,
    **more: Any,
) -> bytes:
    made = tuple(ATest(("1", what), ("2", found)) for what, found in (tests or {}).items())
    told = None if summary is None else ATest(("276771000000107", "Summary"), ("1", summary))
    return screening(person, header, tests=made, summary=told, **more)


def _encounter(
    person: APerson,
    header: AHeader,
    *,
    encounter: Said | None = None,
    expected: str | None = None,
    scales: list[Said] = [],  # noqa: B006 - never changed
    answers: dict[str, str] | None = None,
    measured: Mapping[str, str] | None = None,
) -> bytes:
    entries: list[tuple[str, Part]] = []
    if expected is not None:
        entries.append(
            observed("expected", ("161714006", "Estimated date of delivery"), on=expected)
        )
    for number, told in enumerate(scales):
        entries += scale(_scale(told), f"scale{number}")
    for what, amount in (measured or {}).items():
        number, _, unit = amount.partition(" ")
        entries.append(observed(what, ("1", what), quantity=(number, unit)))
    if answers:
        entries.append(questionnaire(answers))
    return encounter_message(person, header, _met(encounter), *entries)


def _scale(told: Said) -> AScale:
    named = _named(told)
    domains = {words: _found(found) for words, found in named.pop("domains", {}).items()}
    total = _found(named.pop("total", {}))
    return AScale(total=total, domains=domains, **named)


def _found(told: Said) -> tuple[str | None, str | None]:
    return told.get("coded"), told.get("score")


def _personal_contact(
    person: APerson, header: AHeader, *, people: list[Said], encounter: Said | None = None
) -> bytes:
    entries = [
        related(ARelative(**_named(told)), f"relative{number}")
        for number, told in enumerate(people)
    ]
    return encounter_message(person, header, _met(encounter), *entries)


def _legal(
    person: APerson, header: AHeader, *, statuses: list[Said], encounter: Said | None = None
) -> bytes:
    entries: list[tuple[str, Part]] = []
    for number, told in enumerate(statuses):
        named = _named(told)
        authority = named.pop("authority", None)
        by = None if authority is None else AnAuthority(**authority)
        entries += legal_status(AStatus(**named), by, f"status{number}")
    return encounter_message(person, header, _met(encounter), *entries)


def _met(told: Said | None) -> AnEncounter:
    return AnEncounter(**_named(told or {}))


def _named(told: Said, *, lists: tuple[str, ...] = ()) -> dict[str, Any]:
    named = {name.replace(" ", "_"): value for name, value in told.items()}
    return {name: tuple(v) if name in lists else v for name, v in named.items()}


BUILDERS: Mapping[EventCode, Callable[..., bytes]] = {
    EventCode.PROFESSIONAL_CONTACTS: professional_contact,
    EventCode.VACCINATIONS: vaccination,
    EventCode.NEWBORN_HEARING: _screening,
    EventCode.NIPE_OUTCOME: _screening,
    EventCode.BLOOD_SPOT_OUTCOME: _screening,
    EventCode.BIRTH_NOTIFICATION: _birth,
    EventCode.CHANGE_OF_ADDRESS: change_of_address,
    EventCode.CHANGE_OF_GP: change_of_gp,
    EventCode.DEATH_NOTIFICATION: death_notification,
    EventCode.RECORD_CHANGE: record_change,
    EventCode.ENCOUNTER: _encounter,
    EventCode.ASSESSMENT_SCALES: _encounter,
    EventCode.FEEDING_STATUS: _encounter,
    EventCode.PERSONAL_CONTACTS: _personal_contact,
    EventCode.LEGAL_INFORMATION: _legal,
    EventCode.INDIVIDUAL_REQUIREMENTS: _encounter,
}
