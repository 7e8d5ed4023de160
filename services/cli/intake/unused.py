"""What of messages became no record, as commands tell it: names of the format and counts."""

from collections import Counter
from typing import Any

from schemas.records.unused import Unused, WhyUnused
from services.intake.parked.remedies import remedy_for


def unused_document(unused: Unused) -> dict[str, Any]:
    """What of one message: resources by type and why, paths of fields, texts written freely."""
    return {
        "resources": [
            {"type": part.part, "reason": part.why.value, "count": part.count}
            for part in unused.parts
        ],
        "fields": list(unused.fields),
        "free_texts": unused.free_texts,
        "faults": [
            {
                "field": fault.field,
                "reason": fault.reason,
                "remedy": remedy_for(fault.field, fault.reason).wrong,
            }
            for fault in unused.faults
        ],
    }


class UnusedInAll:
    """The same of many messages, added up."""

    def __init__(self) -> None:
        self._parts: Counter[tuple[str, WhyUnused]] = Counter()
        self._fields: Counter[str] = Counter()
        self._free_texts = 0
        self._faults = 0

    def add(self, unused: Unused) -> None:
        """Take in what was not used of one."""
        for part in unused.parts:
            self._parts[part.part, part.why] += part.count
        self._fields.update(unused.fields)
        self._free_texts += unused.free_texts
        self._faults += len(unused.faults)

    def document(self) -> dict[str, Any]:
        """In all: how many of each, a field once a message."""
        return {
            "resources": [
                {"type": kind, "reason": why.value, "count": count}
                for (kind, why), count in sorted(self._parts.items())
            ],
            "fields": [
                {"field": name, "count": count} for name, count in sorted(self._fields.items())
            ],
            "free_texts": self._free_texts,
            "faults": self._faults,
        }

    def in_words(self) -> str | None:
        """In one line; None where everything was used."""
        said = [f"{n} {kind} ({why.value})" for (kind, why), n in sorted(self._parts.items())]
        if self._fields:
            said.append(f"{len(self._fields)} fields, {self._fields.total()} times")
        if self._free_texts:
            said.append(f"{self._free_texts} texts written freely")
        if self._faults:
            said.append(f"{self._faults} parts that could not be read")
        return f"not used: {', '.join(said)}; more is at the source" if said else None
