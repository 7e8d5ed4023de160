"""transparency.witness.WitnessMemory as long as the process; kept to the contract suite."""

from threading import Lock

from consent.errors import WitnessForgetfulError
from consent.transparency.checkpoint import OpenedCheckpoint
from consent.transparency.witness import SeenTree


class FakeWitnessMemory:
    """Remembers as long as it lives."""

    def __init__(self) -> None:
        self.is_available = True
        self._seen: dict[str, SeenTree] = {}
        self._lock = Lock()

    def seen(self, origin: str) -> SeenTree:
        """Give the tree that was cosigned last; the empty one before the first."""
        self._require_available()
        return self._seen.get(origin, SeenTree())

    def advance(self, origin: str, *, last: SeenTree, checkpoint: OpenedCheckpoint) -> bool:
        """Take this checkpoint for the last one if `last` still is; say whether it was."""
        self._require_available()
        with self._lock:
            if self._seen.get(origin, SeenTree()) != last:
                return False
            new = checkpoint.checkpoint
            self._seen[origin] = SeenTree(new.size, new.root)
            return True

    def _require_available(self) -> None:
        if not self.is_available:
            raise WitnessForgetfulError("the memory is gone")
