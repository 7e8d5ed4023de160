"""Asking as another system does for a practitioner, and by command."""

import io
import json
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from services.__main__ import main
from services.interfaces.access.app import EVALUATIONS, create_access_app
from services.interfaces.access.postgres import admit_askers, evaluating
from services.people.practitioners.people import SignedInPractitioner
from tests.support.access.asking import Answered, parts_in
from tests.support.access.model import Answer, Case, Rule
from tests.support.access.world import AccessWorld, Known, nothing_kept
from tests.support.one_loop import client_of
from tests.support.partners import PUBLIC_URL

_PURPOSE = "direct-care"
_OK = 200
_REFUSED = 3
_UNREADABLE = 2


def _question(who: SignedInPractitioner, known: Known, action: str, category: str) -> Any:
    return {
        "subject": {"type": "practitioner", "id": who.id},
        "action": {"name": action},
        "resource": {"type": category, "id": known.id},
        "context": {"purpose": _PURPOSE},
    }


class Machines:
    """A partner that may ask for every practitioner of the world."""

    def __init__(self, world: AccessWorld) -> None:
        self._world = world
        running = world.running
        app = create_access_app(
            evaluating(running.portal), admit=admit_askers(running.connectors), base_url=PUBLIC_URL
        )
        self._access = client_of(app)
        self._headers = world.families.partners.token()
        self._tokens: dict[str, dict[str, str]] = {}

    def ask(self, case: Case) -> Answered:
        """Send one request; nothing of it is kept."""
        who = self._world.practitioners[case.role, case.standing]
        known = self._world.people[case.person]
        if case.door.rule is Rule.READS:
            return self._family(case, who, known)
        path, _, way = case.door.name.removeprefix("POST ").partition(" (")
        action, _, category = way.removesuffix(")").partition(" ")
        question = _question(who, known, action, category)
        if path == EVALUATIONS:
            question |= {"evaluations": [{}]}
        with nothing_kept(self._world.running.portal):
            answer = self._access.post(path, json=question, headers=self._headers)
        document = answer.json()
        (one,) = document.get("evaluations", [document])
        told = Answer.YES if one["decision"] else Answer.NO
        return Answered(told, parts_in(answer.text, case.person))

    def _family(self, case: Case, who: SignedInPractitioner, known: Known) -> Answered:
        if who.id not in self._tokens:
            given = self._world.families.token_answer(who=who.id)
            # For somebody whose role opens nothing there is no token to ask with.
            if given.status_code != _OK:
                return Answered(Answer.REFUSAL, parts_in(given.text, case.person))
            self._tokens[who.id] = {"Authorization": f"Bearer {given.json()['access_token']}"}
        with nothing_kept(self._world.running.portal):
            response = self._world.families.get(known.id, self._tokens[who.id])
        by_status = {_OK: Answer.SHOWN, 403: Answer.REFUSAL}
        answer = by_status.get(response.status_code)
        return Answered(answer, parts_in(response.text, case.person))


class Commands:
    """A folder marked as a demonstration, where a command may name who looks."""

    def __init__(self, world: AccessWorld) -> None:
        self._world = world
        self._url = world.running.outside.engine.url.render_as_string(hide_password=False)

    def ask(self, case: Case) -> Answered:
        """Type one command; what it enters is kept, and changes no answer."""
        who = self._world.practitioners[case.role, case.standing]
        known = self._world.people[case.person]
        words = self._words(case, who, known)
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(io.StringIO()):
            code = main([*words, "--json", "--data", str(self._data), "--database", self._url])
        told = out.getvalue()
        return Answered(_command_answer(case, code, told), parts_in(told, case.person))

    @property
    def _data(self) -> Path:
        return self._world.data

    def _words(self, case: Case, who: SignedInPractitioner, known: Known) -> list[str]:
        named = ["--as", who.id]
        match case.door.name:
            case "profile show" | "story show":
                about = ["--person", known.id, "--purpose", _PURPOSE]
            case "decide":
                asked = self._data / "request.json"
                asked.write_text(json.dumps(_question(who, known, "read", "child-health")))
                return ["decide", "--request", str(asked)]
            case "restriction list":
                about = [f"person:{known.id}"]
            case "report subject-access":
                about = [known.id]
            case _:
                about = []
        return [*case.door.name.split(), *about, *named]


def _command_answer(case: Case, code: int, told: str) -> Answer | None:
    if code == _UNREADABLE:
        return Answer.NOT_FOUND
    document = json.loads(told) if told.strip() else {}
    if code == _REFUSED:
        return _refused(document.get("reasons", []))
    if code != 0:
        return None
    match case.door.rule:
        case Rule.ASKED_HEALTH:
            return Answer.YES if document["decision"] else Answer.NO
        case Rule.RESTRICTIONS:
            return Answer.LISTED if document.get("restrictions") else Answer.NOT_LISTED
        case _:
            return Answer.SHOWN


def _refused(reasons: Sequence[Mapping[str, str]]) -> Answer:
    """Of a report, pairs and a queue it says for which roles they are, alike about everybody."""
    codes = {one["code"] for one in reasons} - {"not-a-data-steward", "role", "may-not-answer"}
    if codes == {"nobody"}:
        return Answer.NOT_FOUND
    return Answer.REFUSAL if codes <= {"no-right"} else Answer.NOTHING
