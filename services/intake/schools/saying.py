"""What an operator says of schools, each entered in the ledger: their register, their titles.

By the register pages name and ring a school, by its titles its lists are read: whoever changes
either changes what others see, so it is known who did. The ledger holds no number of a school,
which six figures are: a school is told there by the keyed hash that its agency has.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.schools.class_list.titles import SchoolTitles
from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ports import Ledger
from services.intake.schools.gias import School
from services.intake.schools.postgres import PostgresSchools
from services.platform.keys.hashing import KeyedHasher


@dataclass(frozen=True, slots=True)
class SayingOfSchools:
    """What it is said with, in one transaction of the owner's; `by` is who says it."""

    schools: PostgresSchools
    hasher: KeyedHasher
    ledger: Ledger
    by: str


def replace_register(schools: Sequence[School], file: str, saying: SayingOfSchools) -> None:
    """Take the register's file in the place of the one before; `file` is its SHA-256."""
    saying.schools.replace_all(schools)
    fields: dict[str, FieldValue] = {"schools": len(schools), "file": file}
    _enter(LedgerEvent.SCHOOLS_REGISTER_REPLACED, fields, saying)


def set_titles(urn: str, titles: SchoolTitles, saying: SayingOfSchools) -> None:
    """Keep what a school's own titles mean, in the place of what was said before."""
    saying.schools.set_titles(urn, titles, by=saying.by)
    fields: dict[str, FieldValue] = {**_agency(urn, saying), "titles": len(titles.meaning)}
    _enter(LedgerEvent.SCHOOL_TITLES_SET, fields, saying)


def remove_titles(urn: str, saying: SayingOfSchools) -> None:
    """Take back what was said: its lists are read as anybody's."""
    saying.schools.set_titles(urn, SchoolTitles({}), by=saying.by)
    _enter(LedgerEvent.SCHOOL_TITLES_REMOVED, {**_agency(urn, saying)}, saying)


def _agency(urn: str, saying: SayingOfSchools) -> dict[str, FieldValue]:
    return {"agency": saying.hasher.opaque("agency", urn)}


def _enter(event: LedgerEvent, fields: dict[str, FieldValue], saying: SayingOfSchools) -> None:
    entry = ledger_entry(event, fields, at=saying.schools.at, actor=saying.by)
    saying.ledger.append([entry])
