"""A database on another machine is spoken to by TLS, or somebody has said that it is not.

What goes to the database is what families told, and the passwords of its users: in the clear,
whoever sits between reads both, and libpq sends it so where nobody says otherwise (`sslmode` is
`prefer` there, which takes a server's word that it has no TLS). OWASP ASVS 12.3.1.
"""

import os
from collections.abc import Iterator
from ipaddress import ip_address

from pydantic import SecretStr
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from services.platform.errors import BadSetting, SettingsInvalidError
from services.platform.settings import Settings

__all__ = ["secured"]

_BY_TLS_ALONE = frozenset({"require", "verify-ca", "verify-full"})
_WHY = (
    "names another machine and does not ask for TLS: set database_ca, or sslmode=verify-full in "
    "the URL; unsafe_database_in_the_clear=true says that this is meant"
)


def secured(settings: Settings, database: SecretStr, setting: str) -> str:
    """Give the address of a database, or refuse one that leaves this machine in the clear.

    It is what the setting of this name tells, as `Settings.address_of` gives it. Raises
    SettingsInvalidError in production, which tells nothing of it.
    """
    address = settings.address_of(database)
    if settings.environment != "production" or settings.unsafe_database_in_the_clear:
        return address
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        return address  # whoever opens it says that it is none
    if not _is_by_tls(url) and not all(map(_is_here, _hosts(url))):
        raise SettingsInvalidError([BadSetting(setting, _WHY)])
    return address


def _is_by_tls(url: URL) -> bool:
    """The last `sslmode` does not count: every one that is said has to ask for it."""
    said = list(_said(url, "sslmode"))
    return bool(said) and _BY_TLS_ALONE.issuperset(said)


def _hosts(url: URL) -> Iterator[str]:
    """Every one that may be tried: of the URL, of its query, and where neither says, libpq's."""
    named = [url.host or "", *_said(url, "host"), *_said(url, "hostaddr")]
    hosts = [host for one in named if one for host in one.split(",")]
    yield from hosts or os.environ.get("PGHOST", "").split(",")


def _said(url: URL, name: str) -> Iterator[str]:
    found = url.query.get(name, ())
    yield from (found,) if isinstance(found, str) else found


def _is_here(host: str) -> bool:
    """A socket in a folder (or in the abstract), or this machine by a name or number of its own."""
    name = host if host.startswith(("/", "@")) else host.rpartition("]")[0].lstrip("[") or host
    if not name or name.startswith(("/", "@")):
        return True
    alone = name.partition(":")[0] if name.count(":") == 1 else name
    try:
        return ip_address(alone).is_loopback
    except ValueError:
        return alone.lower() == "localhost"
