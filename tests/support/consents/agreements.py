"""Agreements for tests as files, and as adopted in a database from the beginning."""

import json
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Engine

from consent.agreement import AdoptedAgreement, Agreement, AgreementRule
from consent.agreements.adopting import Adoption
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import KeyVault, SecretName
from services.work import Outside, unit_of_work
from tests.support.builders import NOW
from tests.support.clock import StandingClock


def file_of(agreement: Agreement) -> bytes:
    """Write the agreement as a council would."""
    document: dict[str, Any] = {
        "version": agreement.version,
        "title": agreement.title,
        "valid_from": agreement.valid_from.isoformat(),
        "valid_until": agreement.valid_until.isoformat(),
        "rules": [_rule(rule) for rule in agreement.rules],
    }
    if agreement.parties:
        document["parties"] = list(agreement.parties)
    return json.dumps(document).encode()


def an_adoption(agreement: Agreement, at: datetime = NOW) -> Adoption:
    """Build an act of adopting it."""
    document = file_of(agreement)
    digest = sha256(document).hexdigest()
    return Adoption(digest[:32], agreement, document, digest, at, "job:test")


def agree_from_the_beginning(engine: Engine, adopted: AdoptedAgreement, vault: KeyVault) -> None:
    """Put an agreement in place as if it had always been there: entered only as what it is."""
    adoption = an_adoption(adopted.agreement, adopted.adopted_at)
    hasher = KeyedHasher(vault.secret(SecretName.LINKING))
    with unit_of_work(Outside(engine, vault, hasher, StandingClock())) as work:
        work.agreements.add(adoption)


def _rule(rule: AgreementRule) -> dict[str, list[str]]:
    parts = {
        "agencies": rule.agencies,
        "categories": rule.categories,
        "purposes": rule.purposes,
        "sources": rule.sources,
        "modes": rule.modes,
    }
    return {name: sorted(codes) for name, codes in parts.items() if codes}
