"""Providers on loopback, and one client that was told of them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from services.people.signing_in.client import OidcClient
from services.people.signing_in.ports import ProviderRefusal
from services.people.signing_in.providers import ProviderKind
from tests.support.builders import NOW
from tests.support.provider_server import (
    HERE,
    Provides,
    begun_with,
    providers_of,
    providers_on_loopback,
    returned_to,
)


@dataclass(slots=True)
class Trying:
    """A client, the providers that it knows, what it told its operator, and what time it is."""

    client: OidcClient
    there: dict[ProviderKind, Provides]
    said: list[tuple[str, str]] = field(default_factory=list)
    time: list[float] = field(default_factory=lambda: [0.0])

    def sign_in(self, kind: ProviderKind, *, is_fresh: bool = False) -> object:
        """Go there and come back; what came of it."""
        begun = begun_with(kind, is_fresh=is_fresh)
        address = self.client.address_to_begin(begun)
        if isinstance(address, ProviderRefusal):
            return address
        back = returned_to(kind, self.there[kind].let_in(address))
        return self.client.complete(begun, back, now=NOW)


@pytest.fixture(scope="session")
def loopback() -> Iterator[Callable[[], dict[ProviderKind, Provides]]]:
    """Serve the providers, once."""
    with providers_on_loopback() as anew:
        yield anew


@pytest.fixture
def trying(
    tmp_path: Path, loopback: Callable[[], dict[ProviderKind, Provides]]
) -> Iterator[Trying]:
    """Give a client that knows nothing yet; what it says is only ever a code of ours."""
    there = loopback()
    said: list[tuple[str, str]] = []
    time = [1000.0]
    client = OidcClient(
        providers_of(tmp_path, there),
        public_url=HERE,
        is_demonstration=True,
        report=lambda *told: said.append(told),
        monotonic=lambda: time[0],
    )
    yield Trying(client, there, said, time)
    client.close()
    names = {kind.value for kind in ProviderKind}
    assert all(name in names and re.fullmatch(r"[A-Za-z0-9-]{1,60}", why) for name, why in said)
