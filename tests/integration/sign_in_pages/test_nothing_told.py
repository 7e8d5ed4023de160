"""Nothing of a token, a code or a subject is in a log, on a page or in the clear (STYLE.md 21)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import structlog

from services.people.signing_in.ports import Begun, ProviderRefusal, Returned, SignedInThere
from services.people.signing_in.tokens import TokenRefusal
from services.platform.logging import configure_logging
from tests.support.builders import VISITOR
from tests.support.people.front_door import CARD, VISITING, FrontDoor, state_in
from tests.support.traces.in_the_clear import found_in_the_clear

pytestmark = pytest.mark.postgres
SUBJECT, THERE, TOKEN, CODE = "Zsubject94", "Zthere94", "Zheader94.Zbody94.Zseal94", "Zcode94"
SECRETS = (SUBJECT, THERE, "Zbody94", CODE)


@contextmanager
def logging_for_real() -> Iterator[None]:
    """Log as a process does, to where the test can read it."""
    configure_logging("canary")
    try:
        yield
    finally:
        structlog.reset_defaults()


def test_nothing_of_a_sign_in_is_told(door: FrontDoor, capfd: pytest.CaptureFixture[str]) -> None:
    """Whether it opens something or not, or is no sign-in of ours, or nobody expected it."""
    told: list[str] = []
    with logging_for_real():
        browser = door.browser()
        who = replace(door.somebody(VISITING, subject=SUBJECT, session=THERE), id_token=TOKEN)
        told.append(str(door.sign_in(browser, who).text))
        told.extend(
            door.come_back(browser, door.begin(browser), refusal).text
            for refusal in (TokenRefusal.NONCE, ProviderRefusal.CODE)
        )
        told.extend(made_up(door))
        door.join(VISITOR, SUBJECT)
        opened = door.sign_in(browser, who)
        told.append(f"{opened.headers} {opened.text}")
        told.append(browser.http.get("/where-you-are-signed-in").text)
        failing(door, told)

    written = capfd.readouterr()
    everything = written.out + written.err + "\n".join(told)
    assert [secret for secret in SECRETS if secret in everything] == []
    assert found_in_the_clear(door.running.outside.engine, [*SECRETS, "Zheader94"]) == []
    assert "error" in written.err + written.out, "the failure was not logged at all"


def made_up(door: FrontDoor) -> list[str]:
    """What is answered to what nobody has begun, and to a logout that is none."""
    http = door.browser().http
    query = {"code": CODE, "state": SUBJECT, "error": THERE, "error_description": TOKEN}
    answers = [
        http.get(f"/sign-in/back/{CARD}", params=query),
        http.get("/sign-in/back/nobody", params=query),
        http.get(f"/sign-in/back/{CARD}"),
        http.post(f"/sign-in/logout/{CARD}", data={"logout_token": TOKEN}),
        http.post("/sign-in/begin", data={"provider": SUBJECT, "to": f"//{SUBJECT}"}),
        http.post("/sign-in/account", data={"account": SUBJECT}),
    ]
    assert {answer.status_code for answer in answers} <= {400, 403}
    return [f"{answer.headers} {answer.text}" for answer in answers]


def failing(door: FrontDoor, told: list[str]) -> None:
    """A client that breaks its promise, and raises with all that it was given in the message."""

    class Breaking(type(door.client)):  # type: ignore[misc]
        def complete(self, begun: Begun, returned: Returned, *, now: object) -> SignedInThere:
            del now
            raise RuntimeError(f"{begun.nonce} {returned.code} {SUBJECT} {TOKEN}")

    browser = door.browser()
    address = door.begin(browser)
    door.client.__class__ = Breaking
    answer = browser.http.get(
        f"/sign-in/back/{CARD}", params={"code": CODE, "state": state_in(address)}
    )
    assert answer.status_code == 500
    told.append(answer.text)
