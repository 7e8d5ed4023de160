"""Invented people who answer for invented partners, registered as any hub would register them."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Final

from schemas.records.payloads import Telecom
from schemas.uk_time import uk_day
from services.interfaces.answering.links.working import community_desk
from services.people.community.registering import RegisterPartner, ask_to_register
from services.people.governance.orders import Order
from services.people.presence.contacts import Contact, contact_from
from services.work import UnitOfWork

_ACTOR: Final = "job:invented-partners"
_INSURED: Final = timedelta(days=300)


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
        registered += isinstance(ask_to_register(command, by=_ACTOR, desk=desk), Order)
    return registered


def _contact(written: str) -> Contact:
    found = contact_from(Telecom("email" if "@" in written else "phone", written))
    if found is None:
        raise ValueError("an invented contact is none")
    return found
