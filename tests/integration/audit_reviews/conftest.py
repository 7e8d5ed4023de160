"""One world for the tests of a module: each makes what it reviews."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from services.platform.keys.files import FileKeyVault
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import SecretName
from services.work import Outside
from tests.support.audit.reviews_world import ReviewsWorld, a_reviews_world
from tests.support.clock import StandingClock


@pytest.fixture(scope="module")
def reviews(shared_engine: Engine, vault: FileKeyVault) -> Iterator[ReviewsWorld]:
    """Give a trust, its auditors, and the portal over it."""
    clock = StandingClock()
    hasher = KeyedHasher(vault.secret(SecretName.LINKING))
    with a_reviews_world(Outside(shared_engine, vault, hasher, clock), clock) as found:
        yield found
