"""What `bench audit` measures beside is what the service would have made of it."""

import pytest
from sqlalchemy import text

from deploy.bench.audit_ledger import fill
from services.audit.index.postgres_catching_up import check_index
from services.platform.database.migrating import is_current
from services.work import Outside

pytestmark = pytest.mark.postgres
_ENTRIES, _BY_SERVICE = 3_000, 300
_INDEXES = text("""
    SELECT indexdef FROM pg_indexes
    WHERE tablename IN ('audit_entry', 'audit_named', 'unusual_act') ORDER BY indexdef
""")
_OPEN_AND_CLOSED = text("""
    SELECT count(*) FILTER (WHERE standing = 'new'), count(*) FILTER (WHERE standing <> 'new')
    FROM unusual_standing
""")


def test_entries_made_by_the_database_are_read_and_indexed_as_the_services_own(
    outside: Outside,
) -> None:
    """Every row of the index is derived from a body once more; indexes are those of migrations."""
    with outside.engine.connect() as connection:
        before = connection.execute(_INDEXES).scalars().all()

    figures = fill(outside, _ENTRIES, [], by_service=_BY_SERVICE)

    assert check_index(outside.engine).is_none
    assert figures["indexing"]["value"] > 0
    with outside.engine.connect() as connection:
        made = connection.execute(text("SELECT count(*) FROM ledger_entry")).scalar_one()
        waiting, answered = connection.execute(_OPEN_AND_CLOSED).one()
        assert made >= _ENTRIES
        assert answered > 0
        assert waiting + answered < _ENTRIES / 50
        assert connection.execute(_INDEXES).scalars().all() == before
    assert is_current(outside.engine)
