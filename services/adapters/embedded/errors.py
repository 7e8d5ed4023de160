"""What can go wrong with the embedded PostgreSQL."""


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL cannot be used; the message says what to do about it."""


class PostgresNotShippedError(EmbeddedPostgresError):
    """The wheel with the PostgreSQL programs is not installed."""


class ClusterNotOursError(EmbeddedPostgresError):
    """The data folder belongs to another user, or to another version of PostgreSQL."""


class PostgresDidNotStartError(EmbeddedPostgresError):
    """The server did not answer in time, or ended while starting."""


class PostgresDidNotStopError(EmbeddedPostgresError):
    """The server was asked to stop and is still there."""
