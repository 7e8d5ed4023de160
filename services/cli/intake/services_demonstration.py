"""Invented services of invented partners, written as any hub would write them."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid5

from schemas.uk_time import uk_day
from services.interfaces.directory.entries.form import EntryForm
from services.interfaces.directory.entries.postgres_own import ListedPartner, add_partner
from services.interfaces.directory.entries.writing import (
    WriteEntry,
    Writer,
    WritingDesk,
    Written,
    write_entry,
)
from services.interfaces.directory.search.postcodes import PostcodeFile
from services.interfaces.directory.search.postgres_postcodes import (
    PostcodesInDatabase,
    load_postcodes,
)
from services.work import UnitOfWork

_ACTOR: Final = "job:demonstration"
_NAMESPACE: Final = UUID("5a0c9c53-7b70-5d31-8f25-8e8a3a7b0a17")


def load_services(folder: Path, work: UnitOfWork) -> int:
    """Load partners, postcodes and services; gives how many services there are."""
    told = json.loads((folder / "services.json").read_text())
    load_postcodes(work.connection, PostcodeFile(folder / "postcodes.csv"))
    for one in told["partners"]:
        add_partner(work.connection, ListedPartner(**one), by=_ACTOR, at=work.now)
    hub = Writer(_ACTOR, frozenset(), is_hub=True)
    desk = services_desk(work)
    written = [
        write_entry(
            WriteEntry(service_id(one["name"]), one["partner"], 0, _form(one, desk), hub),
            desk=desk,
        )
        for one in told["services"]
    ]
    return sum(isinstance(one, Written) for one in written)


def service_id(name: str) -> str:
    """The id of an invented service, always the same."""
    return str(uuid5(_NAMESPACE, name))


def services_desk(work: UnitOfWork) -> WritingDesk:
    """What entries are written with, in one transaction."""
    point = PostcodesInDatabase(work.connection).point
    return WritingDesk(work.connection, work.ledger, work.hasher.opaque, work.now, point)


def _form(told: Mapping[str, Any], desk: WritingDesk) -> EntryForm:
    """The form, checked as many days ago as it says."""
    fields = {k: v for k, v in told.items() if k not in {"partner", "checked_days_ago"}}
    checked = uk_day(desk.at) - timedelta(days=told["checked_days_ago"])
    return EntryForm.from_json(
        fields | {"is_checked_today": False, "assured_on": checked.isoformat()}
    )
