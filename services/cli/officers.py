"""In whose name an officer's command is run: the system account, or somebody invented."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from schemas.vocabulary import Role
from services.bootstrap import Application, DatabaseRole
from services.cli.operator import operator
from services.cli.profile.profiles import practitioner_from_text, speaking_for_somebody
from services.people.practitioners.people import SignedInPractitioner
from services.work import unit_of_work


@dataclass(frozen=True, slots=True)
class ActingOfficer:
    """Who runs a command; without a practitioner it is the system account itself."""

    actor: str
    practitioner: SignedInPractitioner | None = None

    @property
    def role(self) -> Role | None:
        """In which role; a system account has none."""
        return None if self.practitioner is None else self.practitioner.role


@contextmanager
def officer_of(args: argparse.Namespace, application: Application) -> Iterator[ActingOfficer]:
    """Who `--as` names, where families are invented; else the system account."""
    if args.practitioner is None:
        yield ActingOfficer(operator())
        return
    with speaking_for_somebody(application):
        with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
            who = practitioner_from_text(args.practitioner, work)
        yield ActingOfficer(who.actor, who)
