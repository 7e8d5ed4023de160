"""Buckets: as many as there are, each its own, and none kept that keeps nobody waiting."""

import pytest
from sqlalchemy import text

from services.bootstrap import DatabaseRole
from services.people.practitioners.postgres_limits import PostgresLimits
from services.platform.database.buckets import forget_full_buckets
from services.work import Outside
from tests.support.fakes.in_process import acting_for

pytestmark = pytest.mark.postgres


def test_the_hours_tries_are_each_askers_and_each_things_own(outside: Outside):
    """What was typed is nowhere in the table."""
    with acting_for(outside, DatabaseRole.PORTAL) as portal, portal.engine.begin() as connection:
        limits = PostgresLimits(connection, portal.hasher)

        taken = [limits.take("code", ["anna", "9990000018"], 2) for _ in range(3)]
        others = [
            limits.take(kind, key, 2)
            for kind, key in (("code", ["anna", "9990000026"]), ("other", ["anna", "9990000018"]))
        ]
        buckets = connection.execute(text("SELECT bucket FROM partner_pace")).scalars().all()

    assert taken == [True, True, False]
    assert others == [True, True]
    assert len(buckets) == 3
    assert "9990000" not in "".join(buckets)
    assert "anna" not in "".join(buckets)


def test_full_buckets_are_forgotten_and_others_stay(outside: Outside):
    """Once a day, by whoever sweeps for the connectors."""
    with outside.engine.begin() as connection:
        limits = PostgresLimits(connection, outside.hasher)
        limits.take("code", ["full"], 5)
        limits.take("code", ["waiting"], 5)
        connection.execute(
            text("UPDATE partner_pace SET free_at = now() - interval '1 s' WHERE bucket = :b"),
            {"b": f"limit:code:{outside.hasher.opaque('limit:code', 'full')}"},
        )
    with acting_for(outside, DatabaseRole.CONNECTORS) as sweeping, sweeping.engine.begin() as swept:
        gone = forget_full_buckets(swept)

        left = swept.execute(text("SELECT count(*) FROM partner_pace")).scalar_one()

    assert (gone, left) == (1, 1)
