"""A witness that is asked without HTTP, and can be away, slow or wrong."""

from dataclasses import dataclass, field
from threading import Event

from consent.transparency.signed_note import NoteSignature
from consent.transparency.verifier_key import VerifierKey
from consent.transparency.witness import AddCheckpoint, WitnessRefusal
from services.ledger.witness.postgres import (
    OtherSizeSeen,
    WitnessRefusedError,
    WitnessUnavailableError,
)
from tests.support.ledger.witness_builders import AWitness
from tests.support.waiting import GENEROUS

_STATUS = {WitnessRefusal.NOT_PROVED: 422, WitnessRefusal.UNKNOWN_LOG: 404}


@dataclass(slots=True)
class FakeWitness:
    """Keeps services.ledger.witness.postgres.Witness."""

    behind: AWitness = field(default_factory=AWitness)
    is_away: bool = False
    lets_wait: Event | None = None
    asked: list[AddCheckpoint] = field(default_factory=list)

    @property
    def key(self) -> VerifierKey:
        """The key that it cosigns with."""
        return self.behind.cosigner.verifier_key

    def ask(self, request: AddCheckpoint) -> NoteSignature | OtherSizeSeen:
        """Ask for one cosignature."""
        self.asked.append(request)
        if self.lets_wait is not None:
            self.lets_wait.wait(GENEROUS)
        if self.is_away:
            raise WitnessUnavailableError("the witness is away")
        answer = self.behind.answer(str(request).encode())
        if isinstance(answer, NoteSignature):
            return answer
        if answer.seen is not None:
            return OtherSizeSeen(answer.seen.size)
        raise WitnessRefusedError(self.key.name, _STATUS.get(answer.why, 403))
