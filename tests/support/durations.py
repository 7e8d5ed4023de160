"""Records how long each test file took, so that the slowest can be seen after the run.

In the cache of pytest, which git ignores: .pytest_cache/v/tell-once/seconds.json holds the
seconds of each file, the longest first, with set-up and tear-down. A run of some files leaves the
others as they were.
"""

from collections import defaultdict

import pytest

PLACE = "tell-once/seconds.json"


class Durations:
    """Adds up what is reported of one run, whichever worker it comes from."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add a set-up, a test or a tear-down to its file."""
        self._seconds[report.nodeid.partition("::")[0]] += report.duration

    def pytest_sessionfinish(self) -> None:
        """Write them down."""
        if self._config.cache is not None and self._seconds:
            known: dict[str, float] = self._config.cache.get(PLACE, {})
            known |= {path: round(seconds, 3) for path, seconds in self._seconds.items()}
            longest_first = sorted(known.items(), key=lambda each: -each[1])
            self._config.cache.set(PLACE, dict(longest_first))


def pytest_configure(config: pytest.Config) -> None:
    """Record where the reports of all workers come together."""
    # Without the cache (-p no:cacheprovider) there is no place to write them.
    if not hasattr(config, "workerinput") and config.pluginmanager.has_plugin("cacheprovider"):
        config.pluginmanager.register(Durations(config), "tell-once-durations")
