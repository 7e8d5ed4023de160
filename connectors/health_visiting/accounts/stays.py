"""Why somebody came, how they were admitted and where they went. Pure.

Source: Digital Child Health (CareConnect, STU3), admission-details-1, discharge-details-1,
emergency-care-attendance-1: all of it stands in the Encounter.
"""

from collections.abc import Iterator
from typing import Final

from connectors.health_visiting.clinical.findings import Line
from connectors.health_visiting.clinical.values import begun
from connectors.health_visiting.nems.message import NemsMessage, extension
from connectors.health_visiting.nems.nodes import (
    Node,
    child,
    children,
    codings_of,
    value,
    words_of,
)
from connectors.parsing.deaths import says_died

_DISPOSITION: Final = "dischargeDisposition"
_LEFT: Final = "Extension-CareConnect-DCH-EmergencyCareDischargeStatus-1"
_METHODS: Final = (
    ("Extension-CareConnect-AdmissionMethod-1", "How admitted"),
    ("Extension-CareConnect-DischargeMethod-1", "How discharged"),
)


def stay_lines(_: NemsMessage, encounter: Node) -> Iterator[Line]:
    """The reason, the way in and the way out, each where it is coded."""
    stay = child(encounter, "hospitalization") or {}
    concepts = (
        *(("Reason", one) for one in children(encounter, "reason")),
        ("Came from", child(stay, "admitSource")),
        *((label, _coded(stay, name)) for name, label in _METHODS),
        ("How it ended", _coded(encounter, _LEFT)),
        ("Went to", child(stay, _DISPOSITION)),
    )
    for label, concept in concepts:
        words = None if concept is None else words_of(concept, unnamed="Something without a name")
        if words is not None:
            yield Line(label, begun(words) or words)


# By its code: HL7 discharge-disposition; NHS Data Dictionary, discharge method and destination;
# SNOMED CT, died in the emergency department. Or in words that say nothing else.
_DIED_CODES: Final = {
    _DISPOSITION: frozenset({"exp", "79", "75004002"}),
    "Extension-CareConnect-DischargeMethod-1": frozenset({"4", "5", "75004002"}),
    _LEFT: frozenset({"75004002"}),
}


def ended_in_death(encounter: Node) -> bool:
    """Whether somebody left hospital because they died, as the Encounter says it."""
    stay = child(encounter, "hospitalization") or {}
    said = {name: _coded(encounter, name) for name in _DIED_CODES if name != _DISPOSITION}
    said[_DISPOSITION] = child(stay, _DISPOSITION)
    return any(_says_died(concept, _DIED_CODES[name]) for name, concept in said.items())


def _says_died(concept: Node | None, codes: frozenset[str]) -> bool:
    codings = list(codings_of(concept))
    texts = (*(coding.display for coding in codings), value(concept, "text") or "")
    is_coded = any(coding.code in codes for coding in codings)
    return is_coded or any(says_died(text) for text in texts)


def _coded(holder: Node, name: str) -> Node | None:
    stated = extension(holder, name)
    return None if stated is None else child(stated, "valueCodeableConcept")
