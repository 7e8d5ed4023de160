"""One world for the tests of a module: they look, and what they enter is asked for by its end."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from services.platform.keys.files import FileKeyVault
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import SecretName
from services.work import Outside
from tests.support.audit.workbench import Workbench, a_workbench
from tests.support.clock import StandingClock
from tests.support.portal.pages import PageClient


@pytest.fixture(scope="module")
def workbench(shared_engine: Engine, vault: FileKeyVault) -> Iterator[Workbench]:
    """Give a trust with looks and refusals, and the workbench over it."""
    clock = StandingClock()
    hasher = KeyedHasher(vault.secret(SecretName.LINKING))
    with a_workbench(Outside(shared_engine, vault, hasher, clock), clock) as found:
        yield found


@pytest.fixture(scope="module")
def ruth(workbench: Workbench) -> PageClient:
    """Give a browser in which an auditor has signed in."""
    return workbench.browser()
