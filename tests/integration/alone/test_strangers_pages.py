"""To whoever has nothing to do with a family every page says the same, for the same statements."""

import re
from collections.abc import Callable, Mapping
from itertools import chain

import pytest
from fastapi.routing import iter_route_contexts

from consent.decisions.restrictions import place_restriction
from consent.model import RestrictionScope
from consent.question import LETS_ASK
from schemas.identifiers import PersonId
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from services.portal.words.people import record_reference
from services.work import unit_of_work
from tests.support.builders import BOTH_HANDS, DAY
from tests.support.consents.issuing import AN_ISSUER
from tests.support.people.alone_world import STRANGER, AloneWorld
from tests.support.people.link_traps import nhs_number
from tests.support.people.relating import exclude, relate
from tests.support.portal.pages import Form, PageClient
from tests.support.portal.portal_forms import A_PERMIT
from tests.support.rolled_back import RolledBack, rolled_back
from tests.support.statements import statements_of

pytestmark = pytest.mark.postgres

_NOBODY, _NO_NUMBER = PersonId("9c" * 16), nhs_number(4600).value
_OTHERS = {
    "decision": "9c" * 16,
    "entry": "f" * 64,
    "presence": "f" * 32,
    "outcome": "recorded",
    "service": "5b0d1c52-6c1e-4f7b-9d6a-2f1f6d0b7a99",
    "connection": "019f0d90-79c0-754d-a6d1-c85a0f66510a",
}
_OWN_TO_EACH = re.compile(
    r'nonce="[^"]+"|nonce-[^\']+|value="[^"]{40,}"|/here/[0-9a-f-]{32,36}', re.ASCII
)
_WORDS = {"words": "Not home since noon.", "reason": "child-missing", "why": "not-reached"}
_THERE = {"with": "own", "room": "alone"}
_A_NO = {**A_PERMIT, "response": "refused"}
Answer = tuple[object, ...]
Ask = Callable[[PageClient], object]


def _answered(
    alone: AloneWorld, person: str, ask: Ask, *, restricted: bool = False, excluded: bool = False
) -> Answer:
    """What a stranger is answered, without what is its own, and what was executed for it."""
    with rolled_back(alone.running.outside) as acting:
        if restricted:
            _restrict(acting, alone.child)
        if excluded:
            _exclude(acting, alone.child)
        services = PortalOnDatabase(acting.portal, demonstration=True, receipts=AN_ISSUER)
        app = create_app(services, PortalSettings("Exbury Council", "demonstration"))
        client = PageClient(app, "https://testserver")
        client.sign_in(STRANGER)
        with statements_of(alone.running.outside) as executed:
            response = ask(client)
    text = response.text.replace(person, "PERSON").replace(record_reference(person), "PERSON")
    where = str(response.headers.get("location", "")).replace(person, "PERSON")
    masked = [_OWN_TO_EACH.sub("", one) for one in (where, text)]
    of_ours = [s for s in executed if not s.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))]
    return response.status_code, *masked, tuple(of_ours)


def _restrict(acting: RolledBack, person: PersonId) -> None:
    with unit_of_work(acting.portal) as work:
        deciding = work.deciding(BOTH_HANDS)
        place_restriction(person, RestrictionScope.PERSON, (), actor="job:test", deciding=deciding)


def _exclude(acting: RolledBack, person: PersonId) -> None:
    """Give the stranger everything, and let the family name them."""
    with unit_of_work(acting.portal) as work:
        for ground in LETS_ASK:
            until = work.now + DAY
            relate(work, STRANGER, person, ground, since=work.now - DAY, until=until)
        exclude(work, person, STRANGER)


def _all_alike(answers: Mapping[str, Answer]) -> None:
    first = next(iter(answers.values()))
    for name, answer in answers.items():
        assert answer[:-1] == first[:-1], name
        assert answer[-1] == first[-1], (name, [*_apart(first[-1], answer[-1])])


def _apart(one, other):  # noqa: ANN001, ANN202 what a failure shows
    return (s for s in chain(one, other) if one.count(s) != other.count(s))


def _pages_of_a_family() -> list[str]:
    app = create_app(None, PortalSettings("Exbury Council", "demonstration"))  # type: ignore[arg-type]
    return sorted(
        str(context.path)
        for context in iter_route_contexts(app.routes)
        if "{person}" in str(context.path) and "GET" in (context.methods or ())
    )


@pytest.mark.parametrize("path", _pages_of_a_family())
def test_every_page_of_a_family_is_one_page_to_strangers(alone: AloneWorld, path: str):
    """Unknown, unrelated, restricted and excluded: the same bytes, for the same statements."""

    def ask(person: PersonId, **how: bool) -> Answer:
        address = path.format(person=person, **_OTHERS)
        return _answered(alone, person, lambda c: c.http.get(address), **how)

    _all_alike(
        {
            "unknown": ask(_NOBODY),
            "unrelated": ask(alone.child),
            "restricted": ask(alone.child, restricted=True),
            "excluded": ask(alone.child, excluded=True),
        }
    )


@pytest.mark.parametrize("path", ["/", "/colleagues", "/due-for-review", "/record-a-decision"])
def test_whom_a_family_has_named_has_nothing_on_their_own_pages(alone: AloneWorld, path: str):
    """As if they had never worked with it, whatever they had: the same bytes and statements."""

    def ask(*, excluded: bool = False) -> Answer:
        return _answered(alone, _NOBODY, lambda c: c.http.get(path), excluded=excluded)

    _all_alike({"stranger": ask(), "excluded": ask(excluded=True)})


@pytest.mark.parametrize(
    ("path", "form", "apart"),
    [
        ("/find-a-family", {}, None),
        ("/ask-to-work-with", _WORDS, None),
        ("/emergency", _WORDS, "unrelated"),
        ("/here", _THERE, None),
        ("/record-a-decision", _A_NO, "executed"),
        ("/record-a-decision", A_PERMIT, None),
    ],
)
def test_what_a_stranger_types_is_answered_alike(
    alone: AloneWorld,
    path: str,
    form: Form,
    apart: str | None,
):
    """A number nobody has, with another date of birth, a stranger's, restricted, or excluded.

    An emergency alone opens whom it is about, where they are not protected; and a no, which counts
    whoever brings it, is written down where it is somebody's, and so takes more statements.
    """
    number = alone.subjects[0].identifiers[0].value

    def ask(typed: str, year: str = "2024", **how: bool) -> Answer:
        born = {"day": "3", "month": "5", "year": year}
        whole = {f"date-of-birth-{part}": value for part, value in born.items()}
        whole |= {"scheme": "nhs-number", "identifier": typed, **form}
        return _answered(alone, typed, lambda c: c.send_raw(path, path, whole), **how)

    answers = {
        "unknown": ask(_NO_NUMBER),
        "another date of birth": ask(number, "2023"),
        "restricted": ask(number, restricted=True),
        "excluded": ask(number, excluded=True),
        "unrelated": ask(number),
    }
    if apart == "unrelated":
        assert answers.pop("unrelated")[0] == 303
    if apart == "executed":
        answers = {name: (*answer[:-1], ()) for name, answer in answers.items()}
    assert {answer[0] for answer in answers.values()} & {200, 303, 403}
    _all_alike(answers)
