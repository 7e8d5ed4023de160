"""Erasures as orders of two, in a test: two officers, a machine that runs, a clock."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from schemas.identifiers import PersonId
from services.lifecycle.erasure.erasing import Erasure, ErasureGround, ErasureRefusal
from services.lifecycle.erasure.ordering import (
    Officer,
    StillWaiting,
    WaitingErasure,
    ask_erasure,
    confirm_erasure,
    list_erasures,
    stop_erasure,
)
from services.lifecycle.erasure.waiting import WAITS
from services.people.governance.orders import NotTheirs, Order
from services.platform.clock import BootTime
from services.work import Outside
from services.workers.erasure import carry_out_erasure, ordering
from tests.support.clock import StandingClock

ONE, OTHER, THIRD = "operator:ada", "operator:bert", "operator:cleo"


class Machine:
    """Runs; `pass_by` lets time pass for it and by the clock, which can be set besides."""

    def __init__(self, clock: StandingClock) -> None:
        self._clock = clock
        self._ms, self.boot = 5_000, "one-boot"

    def boot_time(self) -> BootTime:
        """How long it has run."""
        return BootTime(self.boot, self._ms)

    def pass_by(self, time: timedelta) -> None:
        """Let time really pass."""
        self._ms += time // timedelta(milliseconds=1)
        self._clock.pass_by(time)


class Orders:
    """What officers do; each in a transaction of its own."""

    def __init__(self, outside: Outside, clock: StandingClock) -> None:
        self.machine = Machine(clock)
        self.outside = replace(outside, boot_time=self.machine.boot_time)

    def ask(self, person: PersonId, by: str = ONE, **more: Any) -> Order | ErasureRefusal:
        """Ask for an erasure."""
        usual: dict[str, Any] = {"because": ErasureGround.UNLAWFUL, "also": frozenset()}
        with ordering(self.outside) as found:
            return ask_erasure(person, by=Officer(by), ordering=found, **(usual | more))

    def asked(self, person: PersonId, by: str = ONE) -> Order:
        """Ask, and not be refused."""
        order = self.ask(person, by)
        assert isinstance(order, Order), order
        return order

    def confirm(self, order: Order, by: str = OTHER) -> Order | NotTheirs:
        """Confirm it."""
        with ordering(self.outside) as found:
            return confirm_erasure(order.id, by=Officer(by), ordering=found)

    def confirmed(self, person: PersonId) -> Order:
        """Ask and confirm."""
        order = self.confirm(self.asked(person))
        assert isinstance(order, Order), order
        return order

    def stop(self, order: Order, by: str) -> Order | NotTheirs:
        """Stop it."""
        with ordering(self.outside) as found:
            return stop_erasure(order.id, by=Officer(by), ordering=found)

    def waiting(self, by: Officer) -> list[WaitingErasure] | ErasureRefusal:
        """What waits."""
        with ordering(self.outside) as found:
            answer = list_erasures(by=by, ordering=found)
        return answer if isinstance(answer, ErasureRefusal) else list(answer)

    def carry_out(
        self, order: Order, by: str = THIRD
    ) -> Erasure | ErasureRefusal | StillWaiting | NotTheirs:
        """Carry it out."""
        return carry_out_erasure(order.id, by=by, outside=self.outside)

    def wait(self, time: timedelta = WAITS) -> None:
        """Let its days pass."""
        self.machine.pass_by(time)
