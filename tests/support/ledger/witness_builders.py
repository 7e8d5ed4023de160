"""A witness and a growing log for tests: its checkpoints, proofs, and requests to a witness."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from consent.ledger.merkle import EMPTY_ROOT, consistency_proof, leaf_hash, node_hash, root_of
from consent.transparency.checkpoint import LedgerSigner
from consent.transparency.signed_note import NoteSignature
from consent.transparency.witness import (
    AddCheckpoint,
    Cosigner,
    KnownLogs,
    Refused,
    WitnessMemory,
    add_checkpoint,
)
from tests.support.clock import StandingClock
from tests.support.fakes.fake_witness_memory import FakeWitnessMemory
from tests.support.ledger.ledger_builders import ORIGIN, SIGNER

COSIGNER = Cosigner("witness.example/w1", bytes(range(32, 64)))
OTHER_COSIGNER = Cosigner("witness.example/w2", bytes(range(64, 96)))
KNOWN_LOGS: KnownLogs = {ORIGIN: [SIGNER.verifier_key]}


@dataclass(slots=True)
class GrowingLog:
    """A log of as many leaves as is wished, each told apart by its number and the `branch`."""

    signer: LedgerSigner = SIGNER
    branch: bytes = b"main"

    def root(self, size: int) -> bytes:
        """The root of the tree of this size."""
        return root_of((0, size), self._node_at) if size else EMPTY_ROOT

    def note(self, size: int) -> str:
        """The signed checkpoint of this size."""
        return self.signer.sign_checkpoint(size=size, root=self.root(size))

    def proof(self, old: int, new: int) -> Sequence[bytes]:
        """That the larger tree extends the smaller."""
        return consistency_proof(old, new, self._node_at) if old else ()

    def request(self, old: int, new: int) -> bytes:
        """What a witness is sent."""
        return str(AddCheckpoint(old, self.proof(old, new), self.note(new))).encode()

    def _node_at(self, level: int, index: int) -> bytes:
        if level == 0:
            return leaf_hash(b"%b %d" % (self.branch, index))
        return node_hash(
            self._node_at(level - 1, 2 * index), self._node_at(level - 1, 2 * index + 1)
        )


@dataclass(slots=True)
class AWitness:
    """A witness without HTTP: its memory, clock and key."""

    memory: WitnessMemory = field(default_factory=FakeWitnessMemory)
    clock: StandingClock = field(default_factory=StandingClock)
    cosigner: Cosigner = COSIGNER
    logs: KnownLogs = field(default_factory=lambda: KNOWN_LOGS)

    def answer(self, content: bytes) -> NoteSignature | Refused:
        """Answer one request."""
        answer = partial(add_checkpoint, logs=self.logs, memory=self.memory)
        return answer(content, cosigner=self.cosigner, clock=self.clock)
