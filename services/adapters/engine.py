"""Connections to PostgreSQL, set so that no parameter ever reaches an error message."""

from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url

from services.adapters.binary_arrays import send_arrays_as_they_are

__all__ = ["Engine", "open_engine"]


def open_engine(url: str, *, role: str | None = None, pool_size: int = 5) -> Engine:
    """An engine for `url`; `role` replaces the user where every role may sign in (embedded).

    `hide_parameters` keeps values out of errors and logs (STYLE.md 21).
    """
    address = make_url(url)
    if role is not None:
        address = address.set(username=role)
    engine = create_engine(
        address,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=5,
        pool_pre_ping=True,
        connect_args={"options": "-c lock_timeout=30s -c statement_timeout=120s"},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        send_arrays_as_they_are(connection)

    return engine
