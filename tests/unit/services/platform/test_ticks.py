"""Refusals leave at ticks; nothing else waits."""

import pytest
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.testclient import TestClient

from services.platform.ticks import TICK, RefusalsAtTick, refused, until_tick


@pytest.mark.parametrize("took", [0.0, 0.2, 0.99, 1.0, 1.01, 3.5])
def test_a_tick_is_counted_from_when_the_request_came(took: float):
    """Whatever it took, it leaves at a whole number of ticks, and never at none."""
    began = 1234.5

    left = began + took * TICK + until_tick(began, began + took * TICK) - began

    assert left / TICK == pytest.approx(round(left / TICK))
    assert left >= max(TICK, took * TICK) - 1e-9


def test_only_what_is_marked_waits():
    """The wait is what is missing to the next tick."""
    waits: list[float] = []
    times = iter([10.0, 10.0 + TICK / 4, 20.0])

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    app = FastAPI(
        middleware=[Middleware(RefusalsAtTick, monotonic=lambda: next(times), sleep=sleep)]
    )

    @app.get("/no")
    def no(request: Request) -> str:
        refused(request)
        return "no"

    @app.get("/yes")
    def yes() -> str:
        return "yes"

    client = TestClient(app)
    answers = [client.get(path).json() for path in ("/no", "/yes")]

    assert answers == ["no", "yes"]
    assert waits == [pytest.approx(TICK * 3 / 4)]
