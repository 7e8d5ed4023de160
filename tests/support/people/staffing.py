"""Somebody who is to work somewhere, as an administrator enters them."""

import secrets

from schemas.identifiers import PractitionerId
from schemas.vocabulary import Purpose, Role
from services.people.practitioners.postgres_directory import PractitionerEntry
from tests.support.fakes.in_process import AGENCY


def somebody_new(
    agency: str = AGENCY,
    role: Role = Role.PRACTITIONER,
    *,
    name: str = "Ines Okafor",
    worker_ref: str | None = None,
    practitioner: PractitionerId | None = None,
) -> PractitionerEntry:
    """Invent them; without an id somebody whom nobody knows yet."""
    who = practitioner or PractitionerId(secrets.token_hex(16))
    more = ("Worker", agency, None, worker_ref, Purpose.DIRECT_CARE)
    return PractitionerEntry(who, name, role, *more)
