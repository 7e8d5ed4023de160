"""Invented services of invented partners, written and registered as any hub would do it."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid5

from schemas.records.payloads import Telecom
from schemas.uk_time import uk_day
from services.interfaces.answering.links.working import community_desk
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
from services.people.community.registering import RegisterPartner, ask_to_register
from services.people.governance.orders import Order
from services.people.presence.contacts import Contact, contact_from
from services.work import UnitOfWork

_ACTOR: Final = "job:demonstration"
_ASKS: Final = "job:invented-partners"
_INSURED: Final = timedelta(days=300)
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


# Who answers for them, as any hub would register them.


def load_community(folder: Path, work: UnitOfWork) -> int:
    """Register them; gives how many partners have somebody who answers."""
    desk = community_desk(work)
    registered = 0
    for one in json.loads((folder / "community.json").read_text()):
        command = RegisterPartner(
            one["partner"],
            [(_contact(mailbox), _contact(second)) for mailbox, second in one["people"]],
            one["lead"],
            uk_day(work.now) + _INSURED,
            one["commissioned"],
        )
        registered += isinstance(ask_to_register(command, by=_ASKS, desk=desk), Order)
    return registered


def _contact(written: str) -> Contact:
    found = contact_from(Telecom("email" if "@" in written else "phone", written))
    if found is None:
        raise ValueError("an invented contact is none")
    return found
