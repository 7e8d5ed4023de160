"""Every observation of the child that is a fact is told, in the words of a table."""

from typing import Any

import yaml

from schemas.records.payloads import Occurrence
from tests.support.checkout import ROOT
from tests.support.messages.nems_bundles import Resource
from tests.support.messages.nems_cases import AsWritten
from tests.support.messages.nems_found import ME, a_message, coding, observed
from tests.support.reading import nems, payloads, the_message

TABLE = ROOT / "tests" / "unit" / "connectors" / "health_visiting" / "tables" / "findings.yaml"
SYSTEMS = {"snomed": "http://snomed.info/sct", "loinc": "http://loinc.org"}
MOTHER_TOO: Resource = {
    "resourceType": "RelatedPerson",
    "id": "mother",
    "patient": ME,
}


def facts_in(text: bytes) -> list[tuple[str, str]]:
    """Label and value of everything that the one occurrence tells."""
    (occurrence,) = payloads(the_message(nems, text), Occurrence)
    return list(occurrence.details)


def as_sent(said: dict[str, Any]) -> Resource:
    """An Observation as the table says it."""
    given = dict(said)
    made = dict(observed(concept(given.pop("code"))))
    for name, element in (
        ("coded", "valueCodeableConcept"),
        ("absent", "dataAbsentReason"),
        ("judged", "interpretation"),
        ("bodySite", "bodySite"),
    ):
        if name in given:
            made[element] = concept(given.pop(name))
    if "quantity" in given:
        amount, _, unit = given.pop("quantity").partition(" ")
        quantity = {"value": amount, "unit": unit} if unit else {"value": amount}
        made["valueQuantity"] = quantity | {
            name: given.pop(key)
            for key, name in (("comparator", "comparator"), ("unit code", "code"))
            if key in given
        }
    if "components" in given:
        parts = [as_sent(part) for part in given.pop("components")]
        made["component"] = [
            {k: v for k, v in part.items() if k not in {"resourceType", "status", "subject"}}
            for part in parts
        ]
    return made | given


def concept(said: dict[str, Any]) -> dict[str, Any]:
    """A CodeableConcept as the table says it: one code, several, or words alone."""
    codings = [one_coding(one) for one in said.get("codings", [said])]
    made: dict[str, Any] = {"coding": codings} if any("code" in one for one in codings) else {}
    text = said.get("text") or (None if made else said.get("words"))
    return made if text is None else {**made, "text": text}


def one_coding(said: dict[str, Any]) -> dict[str, str]:
    """A Coding as the table says it; words alone are none."""
    for name, system in SYSTEMS.items():
        if name in said:
            return coding(system, said[name], said.get("words"))
    return coding("local", said["code"], said.get("words")) if "code" in said else {}


def test_observations_are_shown_as_the_table_says():
    """Each of its cases, in the order in which they are sent; a case that fails is named."""
    cases = yaml.load(TABLE.read_text(encoding="utf-8"), AsWritten)  # noqa: S506 a safe one

    for case in cases:
        text = a_message(*map(as_sent, case["sent"]), MOTHER_TOO)
        assert [" = ".join(fact) for fact in facts_in(text)] == case["shown"], case["case"]
