"""What of a batch is kept back, and what of that its source has taken back since."""

from dataclasses import dataclass, field
from datetime import datetime

from connectors.ports import Received, Unreadable
from connectors.publishing_ports import KeptBack, KeptMessage, KeptScopes, MessageOutcome
from connectors.record_keys import RecordKeys
from schemas.identifiers import RecordKey
from schemas.records.message import SourceMessage
from schemas.vocabulary import Action


@dataclass(slots=True)
class KeepingBack:
    """Holds and parks messages one by one; what scopes they lie in is written at the end.

    So a clearing reaches what it is newer than in its own batch too, on either side of it.
    """

    kept_back: KeptBack
    kept_scopes: KeptScopes
    keys: RecordKeys
    _kept: list[KeptMessage] = field(default_factory=list)
    _cleared: list[tuple[RecordKey, str]] = field(default_factory=list)
    _released: list[str] = field(default_factory=list)

    def hold_or_release(
        self, received: Received, message: SourceMessage, outcome: MessageOutcome, *, at: datetime
    ) -> None:
        """Hold what is withheld; forget what its source takes back and what is published now."""
        keys: dict[Action, list[str]] = {action: [] for action in Action}
        for record in message.records:
            keys[record.action].append(self.keys.of(record))
        version = message.version.sort_key
        self.kept_back.clear(keys[Action.REMOVE], version=version)
        self._cleared += [
            (self.keys.of(record), version)
            for record in message.records
            if record.action is Action.CLEAR and not record.keeps
        ]
        if outcome.withheld:
            stated = keys[Action.UPSERT]
            self.kept_back.hold(outcome.ref, received.raw(), stated, version=version, at=at)
            self._note(outcome.ref, message)
        else:
            self._released.append(outcome.ref)

    def park(self, ref: str, received: Received, why: Unreadable, *, at: datetime) -> None:
        """Keep what cannot be read or is nobody's."""
        self.kept_back.park(ref, received, why, at=at)
        self._note(ref, received.outcome)

    def write(self) -> None:
        """Write what was gathered; call it once, last."""
        self.kept_back.release(self._released)
        self.kept_scopes.forget(self._released)
        self.kept_scopes.note(self._kept)
        self.kept_scopes.clear(self._cleared)

    def _note(self, ref: str, outcome: SourceMessage | Unreadable) -> None:
        version = outcome.version
        scopes = outcome.scopes if isinstance(outcome, Unreadable) else _scopes_of_all(outcome)
        if scopes and version is not None:
            kept = KeptMessage(ref, self.keys.of_scopes(scopes), version.sort_key)
            self._kept.append(kept)


def _scopes_of_all(message: SourceMessage) -> tuple[str, ...]:
    """The scopes in which every record of the message lies."""
    chains = [set(record.scopes) for record in message.records]
    return tuple(sorted(set.intersection(*chains))) if chains else ()
