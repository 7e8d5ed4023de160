"""Tables of cases in YAML, written so that somebody who knows the work can check them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

# The one in C reads all the tables of cases in a tenth of the time, in each worker of pytest.
SafeLoader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(SafeLoader):
    """Dates stay as they are written."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def cases_in(folder: Path, pattern: str = "*.yaml") -> Iterator[tuple[str, dict[str, Any]]]:
    """Each case with its name, `file: what it says`."""
    for path in sorted(folder.glob(pattern)):
        for case in yaml.load(path.read_text(encoding="utf-8"), _Loader):  # noqa: S506 - a SafeLoader
            yield f"{path.stem}: {case['case']}", case
