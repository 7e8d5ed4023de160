"""Erasing somebody in a test, and backups of the database from before that."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from schemas.identifiers import PersonId
from services.lifecycle.erasure.erasing import ErasePerson, Erasure, ErasureGround
from services.platform.database.embedded.cluster import programs
from services.platform.database.engine import open_engine
from services.work import Outside
from services.workers.erasure import erase
from tests.support.fixtures.fixtures_postgres import create_database, drop_database, libpq_url

GOVERNANCE = "practitioner:" + "e0" * 16
ORDER = "e5" * 16


def an_order(person: PersonId, **more: Any) -> ErasePerson:
    """Build an order of two that is due: by default because consent was withdrawn."""
    defaults = {"because": ErasureGround.CONSENT_WITHDRAWN, "actor": GOVERNANCE}
    return ErasePerson(person=person, **({"order": ORDER} | defaults | more))


def erased(person: PersonId, outside: Outside, **more: Any) -> Erasure:
    """Erase somebody from end to end."""
    answer = erase(an_order(person, **more), outside=outside)
    assert isinstance(answer, Erasure)
    return answer


def back_up(outside: Outside, file: Path) -> Path:
    """Dump the whole database, as an operator's backup does."""
    subprocess.run(
        [programs() / "pg_dump", "--format=custom", f"--file={file}", _url(outside)], check=True
    )
    return file


@contextmanager
def restored(file: Path, outside: Outside) -> Iterator[Outside]:
    """Give a database restored from the backup, with the same keys, clock and server."""
    url = outside.engine.url.render_as_string(hide_password=False)
    name = f"{outside.engine.url.database}_restored"
    made = create_database(url, name, "template0")
    subprocess.run([programs() / "pg_restore", "--dbname", libpq_url(made), file], check=True)
    engine = open_engine(made)
    yield replace(outside, engine=engine)
    engine.dispose()
    drop_database(url, name)


def _url(outside: Outside) -> str:
    return libpq_url(outside.engine.url.render_as_string(hide_password=False))
