"""Values that no source should send, and some do: dates, numbers, names, ids, codes."""

from random import Random
from typing import Final

from deploy.bench.mutating.seeds import CANARY

_DATES: Final = (
    *("2024-02-30", "0000-00-00", "0001-01-01", "9999-12-31", "2024-13-01", "24-1-1", "31/02/2019"),
    *("2024-02-29T24:00:00Z", "2024-01-01T00:00:60Z", "2024-01-01T00:00:00+99:00", "20240101"),
    *("9999-12-31T23:59:59.999999999-14:00", "0001-01-01T00:00:00+14:00", "2024-W01-1", "45292"),
    *("2024-01-01T00:00:00", "2024-1-01", "-2024-01-01", "2999-01-01", "1066-10-14", "2024-01-01"),
    *("\uff12\uff10\uff12\uff14-01-01", "2024-01-01T00:00:00Z", "05/03/2014", "2025-12-31"),
)
_NUMBERS: Final = (
    *("-1", "0", "1e999", "-0", "NaN", "Infinity", "0x10", "1_000", "\u0663", "1.5", "9" * 400),
    *("2147483648", "9223372036854775808", "1" + "0" * 5000),
)
_IDS: Final = (
    *("9990000018", "9990000019", "999 000 0026", "0000000000", "4010232137", "999000001\uff18"),
    *("T999200119011", "T999200119012", "A", "A999200119999", "../../x", "a/b", "%2F", "urn:uuid:"),
    *("00000000-0000-0000-0000-000000000000", "#1", "Patient/1", "urn:uuid:x", "https://a/b"),
)
_CODES: Final = (
    *("unknown", "entered-in-error", "cancelled", "planned", "finished", "active", "inactive"),
    *("delete", "update", "new", "RC1", "RC2", "N0", "NONE", "M", "F", "1", "true", "false", "Y"),
)
_TEXTS: Final = (
    *("", " ", "\u00a0", "\u200b", "\u202e", "\ufeff", "\ufffd", "\U0001f9d2", "e\u0301" * 50),
    *("Baby", "x" * 300, "x" * 70_000, "'; DROP TABLE record; --", "<b>", "{{7*7}}", "\t\r\n"),
    *(CANARY, f" {CANARY} ", CANARY * 2000, f"{CANARY}\u2028", "null", "None", "=1+1", "@x"),
)
_NOT_FOR_XML: Final = (
    *("\x00", "\ud800", "\x01", "\x1f", "\uffff"),
    *(f"{CANARY}\x00", f"\udfff{CANARY}"),
)
_KINDS: Final = (_DATES, _NUMBERS, _IDS, _CODES, _TEXTS)


def one_in(random: Random, times: int) -> bool:
    """Yes, once in so many times."""
    return not random.randrange(times)


def odd_text(random: Random) -> str:
    """A text that any format can hold."""
    return random.choice(random.choice(_KINDS))


def any_text(random: Random) -> str:
    """A text that JSON can hold, and XML cannot."""
    return random.choice(random.choice((*_KINDS, _NOT_FOR_XML)))
