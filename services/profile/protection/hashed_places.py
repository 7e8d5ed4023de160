"""Places as keyed hashes: two that may be one can be found, and neither can be read."""

from collections.abc import Iterable

from schemas.records.payloads import Address, Payload
from schemas.records.published import addresses_in
from services.platform.keys.hashing import KeyedHasher
from services.profile.protection.places import Form, forms_compared, forms_protected, forms_written

_BYTES = 16
"""Half of a digest: a million places have two alike by chance once in 10^26."""


def places_written(payload: Payload | None, hasher: KeyedHasher) -> frozenset[bytes]:
    """Of every address that a record with this payload names."""
    addresses = addresses_in(payload)
    if not addresses:
        return frozenset()
    return _hashed((form for address in addresses for form in forms_written(address)), hasher)


def places_protected(address: Address, hasher: KeyedHasher) -> frozenset[bytes]:
    """Of whatever would tell this address."""
    return _hashed(forms_protected(address), hasher)


def places_compared(
    postcode: str | None, first_line: str | None, hasher: KeyedHasher
) -> frozenset[bytes]:
    """Of a postcode and a first line as persons are compared by them."""
    return _hashed(forms_compared(postcode, first_line), hasher)


def array_of_places(places: Iterable[bytes]) -> str:
    """One array of bytes among the texts of many rows: as PostgreSQL writes it out."""
    return "{" + ",".join(f'"\\\\x{place.hex()}"' for place in sorted(places)) + "}"


def _hashed(forms: Iterable[Form], hasher: KeyedHasher) -> frozenset[bytes]:
    return frozenset(hasher.digest("place", *form)[:_BYTES] for form in forms)
