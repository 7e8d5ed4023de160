"""Cosignatures of C2SP tlog-cosignature, ours and those of public witnesses."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import NoteMalformedError, NoteUntrustedError
from consent.ledger.merkle import leaf_hash
from consent.transparency.checkpoint import open_checkpoint, read_checkpoint
from consent.transparency.signed_note import NoteSignature, add_signatures, parse_note
from consent.transparency.verifier_key import SignatureType, VerifierKey
from consent.transparency.witness import Cosigned, Cosigner, cosignatures_in
from tests.support.ledger.ledger_builders import NOW, SIGNER
from tests.support.ledger.witness_builders import COSIGNER, OTHER_COSIGNER

# A checkpoint of a public test log, as four public witnesses cosigned it in May 2026, and the keys
# that log and witnesses publish. The first line is of a type that is not ours to check.
PUBLIC_NOTE = """\
arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3\
urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI7\
5MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcq\
oXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u\
5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5\
XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TU\
FucgKi7lI7cUiOvKFYe/TmN9DAg==
"""
LOG_KEY, *WITNESS_KEYS = (
    VerifierKey.parse(line)
    for line in """\
arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f
remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2
transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM
witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO
witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv
""".splitlines()
)
NOTE = SIGNER.sign_checkpoint(size=1, root=leaf_hash(b"one"))
KEYS = [SIGNER.verifier_key, COSIGNER.verifier_key]


def _cosigned(note: str, *, at: datetime = NOW, cosigner: Cosigner = COSIGNER) -> str:
    return add_signatures(note, [cosigner.cosign(parse_note(note).text, at=at)])


def test_what_public_witnesses_cosigned_verifies():
    """All four, beside the log's own signature; the type that nobody gave a key for is unknown."""
    opened = open_checkpoint(PUBLIC_NOTE, [LOG_KEY, *WITNESS_KEYS])

    assert opened.checkpoint.size == 1_432_088_532
    assert set(opened.signatures.signed_by) == {LOG_KEY, *WITNESS_KEYS}
    assert [each.name for each in opened.signatures.unknown] == [LOG_KEY.name]


def test_the_times_that_public_witnesses_tell_are_read():
    """Each cosigned in the same second."""
    opened = open_checkpoint(PUBLIC_NOTE, [LOG_KEY, *WITNESS_KEYS])

    found = cosignatures_in(opened.note, opened.signatures)

    assert [each.key for each in found] == [
        key
        for name in (each.name for each in opened.note.signatures)
        for key in WITNESS_KEYS
        if key.name == name
    ]
    assert {each.at for each in found} == {datetime(2026, 5, 23, 21, 50, 24, tzinfo=UTC)}


@pytest.mark.parametrize("key", WITNESS_KEYS, ids=lambda key: key.name)
def test_a_public_cosignature_is_of_that_checkpoint_only(key: VerifierKey):
    """Another size, and it fails."""
    changed = PUBLIC_NOTE.replace("1432088532", "1432088533")

    assert read_checkpoint(changed, [key]).signatures.failed == (key,)


def test_what_we_cosign_verifies():
    """With the time it was made at, in whole seconds."""
    opened = open_checkpoint(_cosigned(NOTE), KEYS)

    assert opened.signatures.signed_by == tuple(KEYS)
    assert cosignatures_in(opened.note, opened.signatures) == (
        Cosigned(COSIGNER.verifier_key, NOW),
    )


def test_several_witnesses_stand_below_one_checkpoint():
    """Each is told apart; who is not known is named."""
    note = _cosigned(_cosigned(NOTE), cosigner=OTHER_COSIGNER)

    opened = open_checkpoint(note, [SIGNER.verifier_key, OTHER_COSIGNER.verifier_key])

    assert [key.name for key in opened.signatures.signed_by] == [SIGNER.name, OTHER_COSIGNER.name]
    assert [each.name for each in opened.signatures.unknown] == [COSIGNER.name]


@given(st.data())
def test_any_changed_byte_of_a_cosigned_checkpoint_is_found(data: st.DataObject):
    """Text, log signature, cosignature, its time: no byte can be changed unseen."""
    content = bytearray(_cosigned(NOTE).encode())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))

    try:
        opened = open_checkpoint(bytes(content), KEYS)
    except (NoteMalformedError, NoteUntrustedError):
        return
    # Whose name or key id was changed is a stranger now: the witness did not sign.
    assert len(opened.signatures.signed_by) == 1
    assert len(opened.signatures.unknown) == 1


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9000, 1, 1)))  # noqa: DTZ001
def test_a_cosignature_of_any_time_verifies(naive: datetime):
    """To the second."""
    at = naive.replace(tzinfo=UTC)

    opened = open_checkpoint(_cosigned(NOTE, at=at), KEYS)

    assert cosignatures_in(opened.note, opened.signatures)[0].at == at.replace(microsecond=0)


def test_extension_lines_are_cosigned_too():
    """They are part of the text."""
    note = str(SIGNER.sign(parse_note(NOTE).text + "extension\n"))
    cosigned = _cosigned(note)

    assert open_checkpoint(cosigned, KEYS).signatures.signed_by == tuple(KEYS)
    with pytest.raises(NoteUntrustedError):
        open_checkpoint(cosigned.replace("extension", "extensiom"), KEYS)


def test_a_cosigner_has_another_key_than_a_signer_with_the_same_seed():
    """The type is part of the key id, so that one is never taken for the other."""
    key = Cosigner(SIGNER.name, SIGNER.private_key).verifier_key

    assert key.public_key == SIGNER.verifier_key.public_key
    assert key.type is SignatureType.ED25519_COSIGNATURE
    assert key.key_id != SIGNER.verifier_key.key_id
    assert VerifierKey.parse(str(key)) == key
    assert SIGNER.verifier_key.may_sign_logs
    assert not key.may_sign_logs


def test_a_time_past_the_calendar_is_left_out():
    """The signature is good; when it was made cannot be said."""
    key = COSIGNER._key()
    seconds = (1 << 63) - 1
    text = parse_note(NOTE).text
    signature = key.sign(f"cosignature/v1\ntime {seconds}\n{text}".encode())
    line = NoteSignature(
        COSIGNER.name, COSIGNER.verifier_key.key_id, seconds.to_bytes(8, "big") + signature
    )

    opened = open_checkpoint(add_signatures(NOTE, [line]), KEYS)

    assert len(opened.signatures.signed_by) == 2
    assert cosignatures_in(opened.note, opened.signatures) == ()


def test_a_cosigner_hides_its_key():
    """Printing it tells the name only."""
    assert repr(COSIGNER) == "Cosigner('witness.example/w1', private_key=••••)"


@pytest.mark.parametrize(
    ("name", "seed"), [("", bytes(32)), ("a b", bytes(32)), ("a+b", bytes(32))]
)
def test_a_cosigner_has_a_name_that_a_note_can_carry(name: str, seed: bytes):
    """Refused when it is made, not when it signs."""
    with pytest.raises(NoteMalformedError):
        Cosigner(name, seed)
