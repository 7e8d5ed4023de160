"""The demonstration's services in a database of the module's own, and the application over them."""

from dataclasses import dataclass

import pytest
from sqlalchemy import Engine
from starlette.types import ASGIApp

from schemas.vocabulary import Source
from services.cli.demonstration import FOLDER
from services.cli.intake.directory.services_demonstration import load_services
from services.interfaces.directory.serving.app import create_directory_app
from services.interfaces.directory.serving.frame import DirectorySettings
from services.people.practitioners.postgres_directory import Agency
from services.platform.keys.files import FileKeyVault
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import SecretName
from services.work import Outside, unit_of_work
from tests.support.clock import StandingClock

SETTINGS = DirectorySettings(
    "Exbury Council", "01632 960 100", "https://services.exbury.example", "https://x.example", True
)


@dataclass(frozen=True, slots=True)
class ListedWorld:
    """The services that the demonstration lists, and everything around them."""

    outside: Outside
    app: ASGIApp

    @property
    def engine(self) -> Engine:
        return self.outside.engine


@pytest.fixture(scope="module")
def listed(shared_engine: Engine, vault: FileKeyVault) -> ListedWorld:
    """Forty invented services."""
    clock = StandingClock()
    hasher = KeyedHasher(vault.secret(SecretName.LINKING))
    outside = Outside(shared_engine, vault, hasher, clock)
    with unit_of_work(outside) as work:
        work.directory.save_agency(
            Agency("NFH01", "Northfield Family Hub", Source.FAMILY_HUB, None)
        )
        assert load_services(FOLDER, work) == 40
    return ListedWorld(outside, create_directory_app(shared_engine, clock, SETTINGS))
