"""The rule of a witness (c2sp.org/tlog-witness)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import WitnessForgetfulError
from consent.ledger.merkle import leaf_hash
from consent.transparency.checkpoint import LedgerSigner, OpenedCheckpoint, open_checkpoint
from consent.transparency.signed_note import NoteSignature, add_signatures
from consent.transparency.verifier_key import VerifierKey
from consent.transparency.witness import (
    AddCheckpoint,
    Refused,
    SeenTree,
    WitnessRefusal,
    cosignatures_in,
)
from tests.support.fakes.fake_witness_memory import FakeWitnessMemory
from tests.support.ledger.ledger_builders import ORIGIN, SIGNER
from tests.support.ledger.witness_builders import COSIGNER, AWitness, GrowingLog

LOG = GrowingLog()
FORK = GrowingLog(branch=b"fork")
STRANGER = LedgerSigner("stranger.example/log", bytes(32))

# What the test suite of another witness (FiloSottile/torchwood) sends one, made by its own code.
PUBLIC_KEY = bytes.fromhex("ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f")
PUBLIC_ORIGIN = (
    "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
)
PUBLIC_FIRST = f"""\
old 0

{PUBLIC_ORIGIN}
1
KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

— {PUBLIC_ORIGIN} UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYr\
ajXpNUbIQY=
"""
PUBLIC_TO_3 = f"""\
old 1
KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

{PUBLIC_ORIGIN}
3
RcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=

— {PUBLIC_ORIGIN} UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawf\
AB8WVrx6go=
"""
PUBLIC_TO_5 = f"""\
old 1
KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
+fUDV+k970B4I3uKrqJM4aP1lloPZP8mvr2Z4wRw2LI=
KgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

{PUBLIC_ORIGIN}
5
QrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY=

— {PUBLIC_ORIGIN} UgIomw/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/ASRcWJi0tW90dJW\
AShei7sDww=
"""


def _refusal(answer: NoteSignature | Refused) -> WitnessRefusal:
    assert isinstance(answer, Refused)
    return answer.why


def test_a_witness_cosigns_a_growing_log():
    """From nothing, from what it saw last, and the same once more."""
    witness = AWitness()

    for old, new in [(0, 3), (3, 3), (3, 7), (7, 100)]:
        answer = witness.answer(LOG.request(old, new))

        assert isinstance(answer, NoteSignature)
        keys = [SIGNER.verifier_key, COSIGNER.verifier_key]
        opened = open_checkpoint(add_signatures(LOG.note(new), [answer]), keys)
        assert cosignatures_in(opened.note, opened.signatures)[0].at == witness.clock.now()
        assert witness.memory.seen(ORIGIN) == SeenTree(new, LOG.root(new))
        witness.clock.pass_by(timedelta(hours=1))


def test_requests_of_another_implementation_are_understood():
    """Its log, its proofs, and the one that came too late is told the size that was seen."""
    key = VerifierKey(PUBLIC_ORIGIN, PUBLIC_KEY)
    witness = AWitness(logs={PUBLIC_ORIGIN: [key]})

    first, to_5, to_3 = (
        witness.answer(each.encode()) for each in (PUBLIC_FIRST, PUBLIC_TO_5, PUBLIC_TO_3)
    )

    assert isinstance(first, NoteSignature)
    assert isinstance(to_5, NoteSignature)
    assert _refusal(to_3) is WitnessRefusal.OTHER_SIZE_SEEN
    assert witness.memory.seen(PUBLIC_ORIGIN).size == 5


def test_a_witness_cosigns_an_empty_log():
    """There is one empty tree, and no proof leads from it."""
    witness = AWitness()
    wrong = SIGNER.sign_checkpoint(size=0, root=leaf_hash(b"leaf"))

    assert isinstance(witness.answer(LOG.request(0, 0)), NoteSignature)
    refused = witness.answer(str(AddCheckpoint(0, (), wrong)).encode())
    proved = witness.answer(str(AddCheckpoint(0, (leaf_hash(b""),), LOG.note(0))).encode())

    assert _refusal(refused) is WitnessRefusal.NOT_PROVED
    assert _refusal(proved) is WitnessRefusal.NOT_PROVED


REFUSALS = {
    "another origin": (0, STRANGER.sign_checkpoint(size=1, root=LOG.root(1)), "unknown-log"),
    "nobody's signature": (0, str(STRANGER.sign(f"{ORIGIN}\n1\n{'A' * 43}=\n")), "untrusted"),
    "a broken signature": (8, LOG.note(9).replace("\n9\n", "\n10\n"), "untrusted"),
    "an old size above the new": (8, LOG.note(7), "old-size-too-large"),
    "less than was seen": (4, LOG.note(9), "other-size-seen"),
    "nothing known of what was seen": (0, LOG.note(9), "other-size-seen"),
    "more than was seen": (9, LOG.note(10), "other-size-seen"),
    "another tree of the same size": (8, FORK.note(8), "other-tree-seen"),
    "another history": (8, FORK.note(9), "not-proved"),
    "no proof": (8, LOG.note(9), "not-proved"),
    "too large a size": (8, SIGNER.sign_checkpoint(size=1 << 63, root=bytes(32)), "malformed"),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_a_witness_refuses(what: str):
    """After a tree of 8; what it saw stays as it was."""
    witness = AWitness()
    witness.answer(LOG.request(0, 8))
    old, note, why = REFUSALS[what]

    answer = witness.answer(str(AddCheckpoint(old, (), note)).encode())

    assert _refusal(answer) is WitnessRefusal(why)
    assert witness.memory.seen(ORIGIN) == SeenTree(8, LOG.root(8))


def test_who_knows_another_size_is_told_the_one_that_was_seen():
    """So that it can prove from there."""
    witness = AWitness()
    witness.answer(LOG.request(0, 8))

    answer = witness.answer(LOG.request(5, 9))

    assert answer == Refused(WitnessRefusal.OTHER_SIZE_SEEN, SeenTree(8, LOG.root(8)))


def test_a_proof_of_another_history_is_refused():
    """It leads from the fork's own past, not from what was seen."""
    witness = AWitness()
    witness.answer(LOG.request(0, 8))

    assert _refusal(witness.answer(FORK.request(8, 9))) is WitnessRefusal.NOT_PROVED


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 20), st.integers(0, 20)), max_size=12))
def test_what_a_witness_cosigns_is_one_history(asked: list[tuple[bool, int, int]]):
    """Whatever is asked in whatever order, sizes never shrink and branches never mix."""
    witness = AWitness()
    cosigned: list[tuple[bool, int]] = []

    for is_fork, old, new in asked:
        log = FORK if is_fork else LOG
        request = AddCheckpoint(old, log.proof(old, new) if old <= new else (), log.note(new))
        if isinstance(witness.answer(str(request).encode()), NoteSignature):
            cosigned.append((is_fork, new))

    assert [size for _, size in cosigned] == sorted(size for _, size in cosigned)
    assert len({is_fork for is_fork, size in cosigned if size > 0}) <= 1


REQUEST = LOG.request(3, 9)


@given(st.data())
def test_any_changed_byte_of_a_request_is_refused(data: st.DataObject):
    """Of the size, the proof, the checkpoint or its signature."""
    witness = AWitness()
    witness.answer(LOG.request(0, 3))
    content = bytearray(REQUEST)
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))

    assert isinstance(witness.answer(bytes(content)), Refused)
    assert witness.memory.seen(ORIGIN).size == 3


class _Overtaken(FakeWitnessMemory):
    """Another request takes the tree further between the checks and the end of this one."""

    overtaking = LOG.request(3, 9)

    def advance(self, origin: str, *, last: SeenTree, checkpoint: OpenedCheckpoint) -> bool:
        ours, self.overtaking = self.overtaking, b""
        if ours:
            AWitness(memory=self).answer(ours)
        return super().advance(origin, last=last, checkpoint=checkpoint)


def test_who_is_overtaken_does_not_roll_back():
    """The tree of 9 came in between; the one of 7 is refused (the race of tlog-witness)."""
    memory = _Overtaken()
    overtaking, memory.overtaking = memory.overtaking, b""
    witness = AWitness(memory=memory)
    witness.answer(LOG.request(0, 3))
    memory.overtaking = overtaking

    answer = witness.answer(LOG.request(3, 7))

    assert _refusal(answer) is WitnessRefusal.OTHER_SIZE_SEEN
    assert memory.seen(ORIGIN).size == 9


def test_a_witness_that_cannot_remember_does_not_cosign():
    """It raises; nothing is answered."""
    witness = AWitness(memory=FakeWitnessMemory())
    witness.memory.is_available = False  # type: ignore[attr-defined]

    with pytest.raises(WitnessForgetfulError):
        witness.answer(LOG.request(0, 3))
