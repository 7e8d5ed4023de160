"""What is known of a provider is at hand, whoever makes us ask anew meanwhile."""

import json
import time
from pathlib import Path
from threading import Event, Thread

from services.people.signing_in.discovery import Acquaintance
from services.people.signing_in.fetching import Fetcher, HttpAnswer, HttpQuestion
from services.people.signing_in.providers import ProviderKind
from tests.support.signing_in import a_provider, published_keys

_LATER = 20.0


class _Hanging(Fetcher):
    """Answers about keys and itself at once, and asked for keys anew not before it may."""

    def __init__(self, issuer: str) -> None:
        super().__init__(inside=frozenset())
        self.asked, self.may_answer = Event(), Event()
        self._issuer = issuer
        self._keys = 0

    def ask(self, question: HttpQuestion, *, seconds: float) -> HttpAnswer:
        """Be asked."""
        del seconds
        if not question.url.endswith("/keys"):
            names = ("authorization_endpoint", "token_endpoint")
            places = {name: f"https://login.example/{name}" for name in names}
            told = {"issuer": self._issuer, "jwks_uri": "https://login.example/keys", **places}
            return HttpAnswer(200, json.dumps(told).encode())
        self._keys += 1
        if self._keys > 1:
            self.asked.set()
            self.may_answer.wait(_LATER)
        return HttpAnswer(200, json.dumps(published_keys().as_dict()).encode())


def test_who_signs_in_does_not_wait_for_keys_that_a_stranger_asks_for(tmp_path: Path) -> None:
    """A token of a made-up key, sent to the door for signing out, holds up nobody's sign-in."""
    provider = a_provider(tmp_path, ProviderKind.NHS_CIS2)
    fetcher, seconds = _Hanging(provider.issuer), [0.0]
    acquaintance = Acquaintance(
        provider, fetcher, is_demonstration=False, monotonic=lambda: seconds[0]
    )
    known = acquaintance.keys(time.monotonic() + _LATER)
    seconds[0] = 60.0
    stranger = Thread(target=acquaintance.newer_keys, args=(known, time.monotonic() + _LATER))
    stranger.start()
    assert fetcher.asked.wait(_LATER)

    found = acquaintance.keys(time.monotonic() + 0.05)

    fetcher.may_answer.set()
    stranger.join(_LATER)
    assert found is known
