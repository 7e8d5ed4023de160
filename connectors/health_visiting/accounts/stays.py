"""Why somebody came, how they were admitted and where they went. Pure.

Source: Digital Child Health (CareConnect, STU3), admission-details-1, discharge-details-1,
emergency-care-attendance-1: all of it stands in the Encounter.
"""

from collections.abc import Iterator
from typing import Final

from connectors.health_visiting.clinical.findings import Line
from connectors.health_visiting.clinical.values import begun
from connectors.health_visiting.nems.message import NemsMessage, extension
from connectors.health_visiting.nems.nodes import Node, child, children, words_of

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
        ("Went to", child(stay, "dischargeDisposition")),
    )
    for label, concept in concepts:
        words = None if concept is None else words_of(concept, unnamed="Something without a name")
        if words is not None:
            yield Line(label, begun(words) or words)


def _coded(holder: Node, name: str) -> Node | None:
    stated = extension(holder, name)
    return None if stated is None else child(stated, "valueCodeableConcept")
