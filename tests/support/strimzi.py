"""Topics and rights of the bus as files of the chart: `python -m tests.support.strimzi write`."""

import json
import sys
from collections.abc import Mapping
from typing import Any, Final

from schemas.topics import PARTITIONS
from services.platform.bus.kafka import topic_settings
from services.platform.bus.rights import BusThing, BusUser, bus_rights
from services.workers.relaying import topic_specs
from tests.support.deployed import PLATFORM

_KINDS: Final = {
    BusThing.TOPIC: ("topic", "literal"),
    BusThing.GROUP: ("group", "literal"),
    BusThing.GROUPS: ("group", "prefix"),
}


def rights() -> Mapping[str, Any]:
    """What each user may do, as operators write it."""
    found: dict[str, dict[tuple[str, str, str], list[str]]] = {str(user): {} for user in BusUser}
    for right in sorted(bus_rights()):
        kind, pattern = _KINDS[right.thing]
        place = (kind, right.name, pattern)
        found[str(right.user)].setdefault(place, []).append(right.act.capitalize())
    return {
        user: [
            {"type": kind, "name": name, "pattern": pattern, "operations": acts}
            for (kind, name, pattern), acts in places.items()
        ]
        for user, places in found.items()
    }


def topics() -> list[dict[str, Any]]:
    """Each topic with its settings."""
    return [{"name": s.name, "config": topic_settings(s)} for s in topic_specs(PARTITIONS)]


def files() -> Mapping[str, str]:
    """Both files by name."""
    return {
        "rights.json": json.dumps(rights(), indent=2) + "\n",
        "topics.json": json.dumps(topics(), indent=2) + "\n",
    }


if __name__ == "__main__" and sys.argv[1:] == ["write"]:
    for name, content in files().items():
        (PLATFORM / "files" / name).write_text(content)
