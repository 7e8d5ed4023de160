"""What is found, done and asked at an encounter, and who works with a child, as FHIR's JSON."""

from typing import Any

from tests.support.messages.nems_bundles import (
    Resource,
    bundle,
    encounter,
    episode,
    organisation,
    patient,
    phone,
    to,
)

ME = to("pat")
ON = "2026-09-01"


def a_message(*resources: Resource, event: str = "encounter-1", **more: Any) -> bytes:
    """A message about an encounter of the child, or about `focus`; its type is `new` or `type`.

    `called` are the encounter's types, `name` and `address` the child's, `at` when it was sent.
    """
    focus = more.get("focus") or encounter(type=more.get("called", []), period={"start": ON})
    child = patient(**{name: more[name] for name in ("name", "address") if name in more})
    sender = organisation(telecom=[phone("01632 960100")])
    entries = [{"id": f"entry-{number}", **one} for number, one in enumerate(resources)]
    return bundle(
        event,
        focus,
        sender,
        child,
        *entries,
        updated=more.get("at", f"{ON}T18:00:00+00:00"),
        kind=more.get("type", "new"),
    )


def an_episode(*teams: str, **more: Any) -> Resource:
    """A health visiting episode of the child with these teams, managed by nobody in particular."""
    made = episode(team=[to(team) for team in teams])
    del made["careManager"]
    return made | more


def a_team(key: str, name: str, *members: str, **more: Any) -> Resource:
    """A team of health visitors, each by their key."""
    seats = [
        {"role": snomed("224534008", "Health visitor"), "member": to(member)} for member in members
    ]
    return {"resourceType": "CareTeam", "id": key, "name": name, "participant": seats} | more


def observed(code: Any, **more: Any) -> Resource:
    """A final observation of the child: `code` in words, or as FHIR's element."""
    named = {"text": code} if isinstance(code, str) else code
    return {"resourceType": "Observation", "status": "final", "code": named, "subject": ME} | more


def a_result(what: Any, outcome: Any = None, **more: Any) -> Resource:
    """A completed procedure, with what came of it."""
    named = {"text": what} if isinstance(what, str) else what
    result = {} if outcome is None else {"outcome": outcome}
    said = {"status": "completed", "code": named, "subject": ME}
    return {"resourceType": "Procedure", **said, **result} | more


def filled_in(*items: Resource, **more: Any) -> Resource:
    """A questionnaire that was filled in about the child."""
    said = {"status": "completed", "subject": ME, "authored": f"{ON}T10:00:00+00:00"}
    return {"resourceType": "QuestionnaireResponse", **said, "item": list(items)} | more


def answered(link: str, words: str, text: str | None = None) -> Resource:
    """One answered question."""
    asked = {} if text is None else {"text": text}
    return {"linkId": link, **asked, "answer": [{"valueCoding": {"code": "1", "display": words}}]}


def snomed(code: str, display: str | None = None) -> Resource:
    """A CodeableConcept with one code of SNOMED CT."""
    return {"coding": [coding("http://snomed.info/sct", code, display)]}


def loinc(code: str, display: str | None = None) -> Resource:
    """A CodeableConcept with one code of LOINC."""
    return {"coding": [coding("http://loinc.org", code, display)]}


def coding(system: str, code: str, display: str | None = None) -> dict[str, str]:
    """A Coding, with words only where they are given."""
    words = {} if display is None else {"display": display}
    return {"system": system, "code": code, **words}
