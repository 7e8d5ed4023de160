"""The directory of services: entries, feeds, what they are found by, and postcodes."""

import re

from alembic import op

revision = "0065_directory"
down_revision = "0063_family_access"
branch_labels = None
depends_on = None

_ROLES = ("tell_once_directory", "tell_once_directory_feeds")

# Nothing here is about a person. A feed is read into `directory_staged`, which need not outlive a
# crash, and swapped from there. What an entry is found by follows from its document.
_TABLES = """
CREATE TABLE directory_feed (
    feed_id text PRIMARY KEY,
    name text NOT NULL,
    url text NOT NULL UNIQUE,
    version text NOT NULL CHECK (version IN ('1.0', '3.0')),
    added_by text NOT NULL,
    added_at timestamptz NOT NULL,
    last_read timestamptz,
    last_ok timestamptz,
    failure text,
    entries integer NOT NULL DEFAULT 0,
    parked integer NOT NULL DEFAULT 0
);
CREATE TABLE directory_partner (
    partner_code text PRIMARY KEY,
    name text NOT NULL,
    kind text NOT NULL,
    charity_number text,
    agency_code text REFERENCES agency,
    is_commissioned boolean NOT NULL DEFAULT false,
    added_by text NOT NULL,
    added_at timestamptz NOT NULL
);
CREATE TABLE directory_service (
    service_id uuid PRIMARY KEY,
    feed_id text REFERENCES directory_feed ON DELETE CASCADE,
    record text,
    mark text,
    partner_code text REFERENCES directory_partner,
    name text NOT NULL,
    status text NOT NULL,
    document jsonb NOT NULL,
    digest bytea NOT NULL,
    is_withheld boolean NOT NULL,
    words text NOT NULL,
    minimum_age double precision,
    maximum_age double precision,
    needs text[] NOT NULL,
    terms uuid[] NOT NULL,
    taxonomies uuid[] NOT NULL,
    languages text[] NOT NULL,
    days smallint[] NOT NULL,
    ways text[] NOT NULL,
    access text[] NOT NULL,
    is_free boolean,
    assured_on date,
    capacity text,
    capacity_words text,
    capacity_on date,
    revision integer NOT NULL DEFAULT 1,
    found tsvector GENERATED ALWAYS AS (to_tsvector('english', words)) STORED,
    CHECK ((feed_id IS NULL) = (partner_code IS NOT NULL))
);
CREATE INDEX directory_service_found ON directory_service USING gin (found);
CREATE INDEX directory_service_needs ON directory_service USING gin (needs);
CREATE INDEX directory_service_terms ON directory_service USING gin (terms);
CREATE INDEX directory_service_feed ON directory_service (feed_id);
CREATE INDEX directory_service_partner ON directory_service (partner_code)
    WHERE partner_code IS NOT NULL;
CREATE TABLE directory_place (
    place_id uuid NOT NULL,
    service_id uuid NOT NULL REFERENCES directory_service ON DELETE CASCADE,
    latitude double precision NOT NULL,
    longitude double precision NOT NULL,
    PRIMARY KEY (service_id, place_id)
);
CREATE INDEX directory_place_point ON directory_place (latitude, longitude);
CREATE INDEX directory_place_id ON directory_place (place_id);
CREATE TABLE directory_slot (
    service_id uuid NOT NULL REFERENCES directory_service ON DELETE CASCADE,
    day smallint,
    opens time,
    closes time
);
CREATE INDEX directory_slot_service ON directory_slot (service_id);
CREATE UNLOGGED TABLE directory_staged (
    feed_id text NOT NULL,
    service_id uuid NOT NULL,
    record text NOT NULL,
    mark text,
    name text NOT NULL,
    status text NOT NULL,
    document jsonb NOT NULL,
    digest bytea NOT NULL,
    is_withheld boolean NOT NULL,
    words text NOT NULL,
    minimum_age double precision,
    maximum_age double precision,
    needs text[] NOT NULL,
    terms uuid[] NOT NULL,
    taxonomies uuid[] NOT NULL,
    languages text[] NOT NULL,
    days smallint[] NOT NULL,
    ways text[] NOT NULL,
    access text[] NOT NULL,
    is_free boolean,
    assured_on date,
    places jsonb NOT NULL,
    slots jsonb NOT NULL,
    PRIMARY KEY (feed_id, service_id)
);
CREATE TABLE directory_parked (
    feed_id text NOT NULL REFERENCES directory_feed ON DELETE CASCADE,
    record text NOT NULL,
    field text NOT NULL,
    fault text NOT NULL,
    is_left_out boolean NOT NULL,
    read_at timestamptz NOT NULL
);
CREATE INDEX directory_parked_feed ON directory_parked (feed_id, record);
CREATE TABLE directory_flag (
    service_id uuid NOT NULL REFERENCES directory_service ON DELETE CASCADE,
    kind text NOT NULL,
    on_day date NOT NULL,
    presses integer NOT NULL,
    answered_by text,
    PRIMARY KEY (service_id, kind, on_day)
);
CREATE TABLE directory_proposal (
    proposal_id text PRIMARY KEY,
    service_id uuid NOT NULL,
    partner_code text NOT NULL REFERENCES directory_partner,
    revision integer NOT NULL,
    why text NOT NULL,
    form jsonb NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    answered_by text,
    answered_at timestamptz,
    is_accepted boolean
);
CREATE TABLE directory_postcode (
    postcode text PRIMARY KEY,
    latitude double precision NOT NULL,
    longitude double precision NOT NULL
);
CREATE TABLE directory_area (
    area text PRIMARY KEY,
    latitude double precision NOT NULL,
    longitude double precision NOT NULL
);
"""
_READ = "directory_service, directory_place, directory_slot, directory_postcode, directory_area"
_GRANTS = f"""
GRANT SELECT ON {_READ}, directory_feed TO tell_once_directory;
GRANT SELECT, INSERT, UPDATE ON directory_flag TO tell_once_directory;
GRANT SELECT, INSERT, UPDATE, DELETE ON directory_staged, directory_parked, directory_place,
    directory_slot TO tell_once_directory_feeds;
GRANT SELECT, INSERT, UPDATE ON directory_service TO tell_once_directory_feeds;
GRANT SELECT, UPDATE (last_read, last_ok, failure, entries, parked) ON directory_feed
    TO tell_once_directory_feeds;
GRANT SELECT ON {_READ}, directory_feed, directory_parked, directory_partner TO tell_once_app;
GRANT INSERT, UPDATE ON directory_service TO tell_once_app;
GRANT INSERT, DELETE ON directory_place, directory_slot TO tell_once_app;
GRANT SELECT, UPDATE (answered_by) ON directory_flag TO tell_once_app;
GRANT SELECT, INSERT, UPDATE (answered_by, answered_at, is_accepted) ON directory_proposal
    TO tell_once_app;
"""
_MADE = re.compile(r"CREATE (?:UNLOGGED )?TABLE (\w+)")


def upgrade() -> None:
    """Make the roles, the tables and what each role may do."""
    for role in _ROLES:
        op.execute(f"""
            DO $$ BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
                    CREATE ROLE {role} LOGIN;
                END IF;
            END $$
        """)
    op.execute(_TABLES)
    op.execute(_GRANTS)


def downgrade() -> None:
    """Remove the tables; roles belong to the cluster and stay."""
    for name in reversed(_MADE.findall(_TABLES)):
        op.execute(f"DROP TABLE {name}")
