"""The providers of sign-in for families as the settings name them; off until they do."""

import structlog

from services.people.family_access.getting_in.client import FamilyProviderClient
from services.people.family_access.getting_in.settings import read_family_providers
from services.people.signing_in.providers import SettingFault, SignInSettingsError
from services.platform.logging import LogEvent
from services.platform.settings import Settings


def family_providers(settings: Settings) -> FamilyProviderClient | None:
    """Those of the file; None without one. Raises SignInSettingsError with what is wrong with it.

    Providers send people back to `family_url`: outside a demonstration that is https.
    """
    is_demonstration = settings.environment == "demonstration"
    found = read_family_providers(settings.family_sign_in, is_demonstration=is_demonstration)
    if not found:
        return None
    if not (is_demonstration or settings.family_url.startswith("https://")):
        reason = "is to begin with https://, as providers send people back to it"
        raise SignInSettingsError([SettingFault("setting family_url", reason)])
    log = structlog.get_logger()

    def report(provider: str, why: str) -> None:
        log.warning(LogEvent.SIGN_IN_PROVIDER_FAILED, provider=provider, why=why)

    return FamilyProviderClient(
        found,
        public_url=settings.family_page_at,
        is_demonstration=is_demonstration,
        report=report,
    )
