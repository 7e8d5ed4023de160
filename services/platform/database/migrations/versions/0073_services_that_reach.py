"""Services that come to a family, or whose address is kept, are found without looking at all."""

from alembic import op

revision = "0073_services_that_reach"
down_revision = "0072_family_keeps"
branch_labels = None
depends_on = None

# As the search asks for them (services/interfaces/directory/search/postgres.py): few of a need are.
_REACHING = "WHERE is_withheld OR ways && '{at-home,online}'"


def upgrade() -> None:
    """Make both; a directory has thousands of rows and not millions."""
    op.execute(
        "CREATE INDEX directory_service_reaching ON directory_service"
        f" USING gin (needs) {_REACHING}"
    )
    op.execute(
        f"CREATE INDEX directory_service_reaching_any ON directory_service (service_id) {_REACHING}"
    )


def downgrade() -> None:
    """Take them away."""
    op.execute("DROP INDEX directory_service_reaching_any, directory_service_reaching")
