"""How long a no took: median, 95 in 100, worst; and what it still let through."""

from datetime import timedelta

from services.audit.figures.timings import Withdrawn, lasted, timings_of
from tests.support.builders import NOW

SECOND = timedelta(seconds=1)


def test_percentiles_are_of_what_was_measured() -> None:
    """The nearest that there is, so that the worst of two is their 95th too."""
    found = lasted(n * SECOND for n in range(100, 0, -1))

    assert (found.number, found.median, found.often, found.worst) == (
        100,
        50 * SECOND,
        95 * SECOND,
        100 * SECOND,
    )
    assert lasted([]).median is None
    assert lasted([SECOND, 3 * SECOND]).often == 3 * SECOND


def test_what_still_let_through_is_told_and_is_no_refusal() -> None:
    """One look that rested on what was withdrawn is a fault, however quick it was."""
    told = timings_of(
        [
            Withdrawn("a", NOW, NOW + SECOND, NOW + 2 * SECOND),
            Withdrawn("b", NOW, NOW + SECOND, None, still_let_through=True),
            Withdrawn("c", NOW),
        ]
    )

    assert told.still_let_through == ("b",)
    assert (told.withdrawals, told.untested, told.unpurged) == (3, 1, 2)
    assert (told.to_refusal.number, told.to_purge.number) == (1, 1)
    assert [one.decision for one in told.slowest] == ["a"]
