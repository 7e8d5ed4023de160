"""What every route of a machine interface finds on its application."""

from dataclasses import dataclass

from starlette.requests import Request

from services.partners.ports import OpenWork
from services.partners.settings import PartnerSettings


@dataclass(frozen=True, slots=True)
class Machine:
    """How to open a transaction, and where we stand."""

    open_work: OpenWork
    settings: PartnerSettings


def machine_of(request: Request) -> Machine:
    """The parts of the application that serves this request."""
    machine = request.app.state.machine
    if not isinstance(machine, Machine):
        raise TypeError("the application was not made by create_partners_app")
    return machine
