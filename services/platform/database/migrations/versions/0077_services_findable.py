"""What services are found by, in narrow rows of its own: a search reads no whole entry."""

from alembic import op

revision = "0077_services_findable"
down_revision = "0076_what_services_do"
branch_labels = None
depends_on = None

# One row a place, and one for a service without a place that is told: of a withheld one none is.
# What is not listed has no row. The order of `standing` is that of the list. `version` says whether
# anything that is shown of the entry is another.
_TABLE = """
CREATE TABLE directory_findable (
    service_id uuid NOT NULL REFERENCES directory_service ON DELETE CASCADE,
    version uuid NOT NULL,
    place smallint NOT NULL,
    places smallint NOT NULL,
    standing smallint NOT NULL,
    comes_to_family boolean NOT NULL,
    is_withheld boolean NOT NULL,
    has_no_room boolean NOT NULL,
    latitude double precision,
    longitude double precision,
    shrink double precision,
    minimum_age double precision,
    maximum_age double precision,
    assured_on date,
    is_free boolean,
    days smallint[] NOT NULL,
    needs text[] NOT NULL,
    languages text[] NOT NULL,
    access text[] NOT NULL,
    name text COLLATE "C" NOT NULL,
    words tsvector NOT NULL,
    PRIMARY KEY (service_id, place)
);
"""
_INDEXES = """
CREATE INDEX directory_findable_needs ON directory_findable USING gin (needs);
CREATE INDEX directory_findable_words ON directory_findable USING gin (words);
CREATE INDEX directory_findable_point ON directory_findable (latitude, longitude);
CREATE INDEX directory_findable_anywhere ON directory_findable (service_id)
    WHERE comes_to_family OR is_withheld;
"""
_FILL = """
    INSERT INTO directory_findable
    SELECT s.service_id,
        md5(ROW(s.service_id, s.document, s.is_withheld, s.needs, s.ways, s.access, s.languages,
            s.is_free, s.assured_on, s.capacity, s.capacity_words, s.capacity_on,
            s.feed_id IS NULL)::text)::uuid,
        row_number() OVER one, count(*) OVER (PARTITION BY s.service_id),
        CASE WHEN s.is_withheld THEN 2 ELSE 0 END
            + CASE WHEN s.status = 'active' THEN 0 ELSE 1 END,
        s.ways && '{at-home,online}', s.is_withheld, s.capacity IS DISTINCT FROM 'places',
        p.latitude, p.longitude, cos(radians(p.latitude)),
        s.minimum_age, s.maximum_age, s.assured_on, s.is_free,
        s.days, s.needs, s.languages, s.access, s.name, s.found
    FROM directory_service AS s
    LEFT JOIN directory_place AS p ON p.service_id = s.service_id AND NOT s.is_withheld
    WHERE s.status IN ('active', 'temporarily closed')
"""
_EACH = "WINDOW one AS (PARTITION BY s.service_id ORDER BY p.place_id)"
# Whoever writes an entry or its places need not know of the table, and has no right to it: so it
# cannot say anything else than they do.
_FUNCTION = f"""
CREATE FUNCTION make_services_findable() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $body$
BEGIN
    DELETE FROM directory_findable WHERE service_id IN (SELECT service_id FROM changed);
    {_FILL} AND s.service_id IN (SELECT service_id FROM changed) {_EACH};
    RETURN NULL;
END
$body$;
REVOKE ALL ON FUNCTION make_services_findable() FROM PUBLIC;
"""  # noqa: S608 of constant parts
_WRITTEN = (
    ("directory_service", "INSERT", "NEW"),
    ("directory_service", "UPDATE", "NEW"),
    ("directory_place", "INSERT", "NEW"),
    ("directory_place", "UPDATE", "NEW"),
    ("directory_place", "DELETE", "OLD"),
)
_GRANTS = "GRANT SELECT ON directory_findable TO tell_once_directory, tell_once_app"


def upgrade() -> None:
    """Make the table, fill it, and keep it as entries are."""
    op.execute(_TABLE)
    op.execute(f"{_FILL} {_EACH}")
    op.execute(_INDEXES)
    op.execute(_FUNCTION)
    for table, written, rows in _WRITTEN:
        op.execute(
            f"CREATE TRIGGER {table}_{written.lower()} AFTER {written} ON {table}"
            f" REFERENCING {rows} TABLE AS changed"
            " FOR EACH STATEMENT EXECUTE FUNCTION make_services_findable()"
        )
    op.execute(_GRANTS)


def downgrade() -> None:
    """Drop it: entries say it all."""
    for table, written, _ in _WRITTEN:
        op.execute(f"DROP TRIGGER {table}_{written.lower()} ON {table}")
    op.execute("DROP FUNCTION make_services_findable")
    op.execute("DROP TABLE directory_findable")
