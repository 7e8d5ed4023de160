"""What the core can refuse or fail at; no message of these carries a personal value."""


class ConsentError(Exception):
    """Root of what the core raises."""


class LedgerEntryInvalidError(ConsentError):
    """A ledger entry has a missing, unexpected or ill-shaped field; the value is never told."""


class LedgerUnavailableError(ConsentError):
    """The ledger cannot be written or read now; show nothing and change nothing."""


class LedgerConflictError(ConsentError):
    """A different entry is already in the ledger under the same id."""


class LedgerBrokenError(ConsentError):
    """What the ledger holds contradicts what was signed before; nothing more may be signed."""


class ProofInvalidError(ConsentError):
    """A Merkle proof does not lead to the root it is said to lead to."""


class NoteMalformedError(ConsentError):
    """A signed note, checkpoint, proof file or verifier key is not of its C2SP form."""


class KeyOfUnknownKindError(NoteMalformedError):
    """A verifier key signs in a way that we cannot check; it may be somebody's all the same."""


class NoteUntrustedError(ConsentError):
    """A note carries no signature of a known key, or a known key's signature fails."""


class WitnessForgetfulError(ConsentError):
    """A witness cannot read or keep what it saw last; it cosigns nothing."""


class DecisionInvalidError(ConsentError):
    """A sharing decision cannot be recorded or changed as asked; names the field and why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class AgreementInvalidError(ConsentError):
    """A data-sharing agreement cannot be read or adopted; names the element and why."""

    def __init__(self, element: str, reason: str) -> None:
        super().__init__(f"{element}: {reason}")
        self.element = element
        self.reason = reason


class ReceiptInvalidError(ConsentError):
    """A file is no consent receipt, or not as it was issued; says what is wrong with it."""
