r"""A run of attendance marks cut into the register's codes.

Older files write one character a session. How the two-character codes of 2024 stand in newer
ones is not published: both a plain run (`/\C1Y3`) and marks set apart (`/ \ C1 Y3`) are read.
A digit is no mark, so it can only belong to the letter before it, and a run either falls into
known codes in one way or cannot be cut at all: then nothing is guessed.
"""

import re
from collections import Counter

from schemas.attendance_codes import AttendanceCode

_NOT_MARKED = "-"
_APART = re.compile(r"[\s,;|]+")
_MARK = re.compile(r"[/\\A-Z#-][0-9]?")
_BY_MARK = {code.value: code for code in AttendanceCode}


def codes_from_marks(marks: str) -> dict[AttendanceCode, int] | None:
    """How often each code stands in the marks; None when they cannot be cut.

    A dash, which systems write where nobody has marked yet, is no code and is not counted.
    """
    run = _APART.sub(" ", marks.upper())
    cut = _MARK.findall(run)
    counted = Counter(cut)
    counted.pop(_NOT_MARKED, None)
    is_whole = sum(map(len, cut)) == len(run) - run.count(" ")
    if not is_whole or not counted.keys() <= _BY_MARK.keys():
        return None
    return {_BY_MARK[mark]: times for mark, times in counted.items()}
