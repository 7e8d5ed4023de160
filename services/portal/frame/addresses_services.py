"""Addresses of the pages about services that were asked to help a family."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from schemas.identifiers import PersonId
from services.portal.frame.addresses import FamilyAddresses

MY_REQUESTS: Final = "/services-asked"
"""Where a practitioner's own requests are, what needs them first."""
ASK_A_SERVICE: Final = "/ask-a-service"
"""Where one comes from the directory, and says for which family."""


@dataclass(frozen=True, slots=True)
class ServiceAddresses:
    """Those of one family, for the purpose of the visit."""

    of: FamilyAddresses

    @property
    def person(self) -> PersonId:
        """Whose pages they are."""
        return self.of.person

    @property
    def all(self) -> str:
        """Where the services are listed that were asked."""
        return self._page("")

    @property
    def find(self) -> str:
        """Where one finds a service to ask."""
        return self._page("/find")

    def ask(self, service: str) -> str:
        """Give the address where one asks a service."""
        return self._page(f"/ask/{service}")

    def asked(self, connection: str, act: str = "") -> str:
        """Give the address of one request, or where something becomes of it."""
        return self._page(f"/asked/{connection}{act}")

    def _page(self, name: str) -> str:
        purpose = self.of.purpose
        query = f"?{urlencode({'purpose': str(purpose)})}" if purpose else ""
        return f"/families/{self.of.person}/services{name}{query}"
