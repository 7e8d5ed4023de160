"""The system's clock."""

from datetime import UTC, datetime


class SystemClock:
    """Tells the time of the machine, aware, UTC."""

    def now(self) -> datetime:
        """Tell the time now."""
        return datetime.now(UTC)  # noqa: TID251 the one place that asks
