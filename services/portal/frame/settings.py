"""What the portal needs to be told, and every line that it writes to its log."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from services.people.practitioners.people import SignedInPractitioner


class Environment(StrEnum):
    """Where this runs: among invented people, or in earnest."""

    DEMONSTRATION = "demonstration"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class PortalSettings:
    """What the portal needs to be told; the defaults are those that are safe in production.

    `environment` is "demonstration" or "production". `cookie_secure` is false only on plain
    http on a loopback address. `sign_in_contact` is whom to ask who cannot sign in,
    `family_page_at` where families have pages of their own, `directory_at` where services are
    found; empty where there is none. `early_programme` is what the offer from pregnancy to two is
    called here. `data` is the data folder, in which released words lie.
    """

    council_name: str
    environment: str = Environment.PRODUCTION
    cookie_secure: bool = True
    cache_templates: bool = True
    sign_in_contact: str = ""
    family_page_at: str = ""
    directory_at: str = ""
    early_programme: str = "Start for Life"
    data: Path = Path("data")
    print_own_page: Callable[[SignedInPractitioner, str, str], object] | None = None
    """Makes a family's own page for paper (services.portal.gate.here.printing); or nobody does."""

    def __post_init__(self) -> None:
        """Refuse an environment that is neither. Raises ValueError."""
        Environment(self.environment)

    @property
    def is_demonstration(self) -> bool:
        """Whether invented people may sign in by being picked from a list."""
        return self.environment == Environment.DEMONSTRATION


# Every line the portal writes to its log, as a closed list (STYLE.md 19).


class PortalLog(StrEnum):
    """What happened, as `subject:action`."""

    PAGE_FAILED = "page:failed"
    DRAFT_NOT_KEPT = "draft:not-kept"
    DEMONSTRATION_SIGN_IN_OPENED = "demonstration-sign-in:opened"
