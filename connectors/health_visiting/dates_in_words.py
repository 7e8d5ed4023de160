"""Days as people write them, as precise as they were sent."""

from calendar import month_name

_YEAR_AND_MONTH = 2


def day_in_words(text: str) -> str:
    """`2026-09-01…` as "1 September 2026", `2026-09` as "September 2026", `2026` as it is.

    `text` is a FHIR date or dateTime that exists.
    """
    year, *rest = text[: len("YYYY-MM-DD")].split("-")
    if not rest:
        return year
    month = month_name[int(rest[0])]
    return f"{int(rest[1])} {month} {year}" if len(rest) == _YEAR_AND_MONTH else f"{month} {year}"
