"""Whom messages mark as protected by their source, and whom no longer (DESIGN.md section 16).

Whatever is published of them: somebody who is protected is to be found by nobody from then on. That
they are protected anybody may say; that they are no longer only what others than its own workers
keep.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from connectors.publishing.ports import Publishing
from schemas.identifiers import PersonId
from schemas.records.message import SourceMessage, Subject


@dataclass(slots=True)
class MarksTold:
    """Gathers message by message; hands on once, when the persons of the batch are known."""

    publishing: Publishing
    _protected: list[Subject] = field(default_factory=list)
    _released: list[Subject] = field(default_factory=list)

    def gather(self, message: SourceMessage) -> None:
        """Note whom a message marks."""
        for subject in message.subjects:
            if subject.ref in message.protects:
                self._protected.append(subject)
            elif subject.ref in message.protects_no_longer:
                self._released.append(subject)

    def write(self) -> None:
        """Hide and release; of who is both, in whatever order, that they are protected."""
        port, feed = self.publishing.marks, self.publishing.feed
        if port is None or not (self._protected or self._released):
            return
        protected = self._persons(self._protected)
        port.protect(protected)
        if feed is not None and feed.is_kept:
            port.release(self._persons(self._released) - protected)

    def _persons(self, subjects: Sequence[Subject]) -> set[PersonId]:
        found = self.publishing.persons.resolve(subjects) if subjects else ()
        return {one.person for one in found if one.person is not None and one.conflict is None}
