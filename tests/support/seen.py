"""What metrics tell of a world that runs in one process."""

from pathlib import Path

from prometheus_client.exposition import generate_latest

from consent.transparency.checkpoint import LedgerSigner
from services.audit.integrity.postgres_looking import Watched
from services.audit.integrity.seen.metrics import METRICS, Metrics
from services.audit.integrity.seen.postgres_measured import Measuring
from services.ledger.postgres_access import SignedCopy
from services.work import Outside

_SIGNER = LedgerSigner("canaries.example/ledger", bytes(32))


def metrics_tell(relay: Outside, folder: Path, watched: Watched | None = None) -> str:
    """All of it, as Prometheus reads it from the relay."""
    copy = SignedCopy(folder / "ledger.checkpoint")
    told = watched or Watched(_SIGNER, copy, (), None, (), "Exbury Council")
    registry = Metrics((), also=[Measuring(relay, told)]).registry
    return generate_latest(registry).decode()


def known_series() -> set[str]:
    """The names of all that Prometheus may find, with what it makes of histograms."""
    ends = ("", "_bucket", "_sum", "_count")
    return {f"{metric.name}{end}" for metric in METRICS for end in ends}
