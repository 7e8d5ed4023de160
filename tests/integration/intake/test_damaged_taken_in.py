"""Damaged files taken in on a real database: each is published, withheld or parked."""

from collections import Counter
from pathlib import Path

import pytest

from deploy.bench.mutating.publishing import children_in, publish_all
from deploy.bench.mutating.running import Mutated
from deploy.bench.mutating.seeds import Format
from schemas.vocabulary import Disposition
from services.work import Outside
from tests.support.fakes.in_process import InProcess

pytestmark = pytest.mark.postgres

SEED, SOME = 7, 16


def test_whatever_comes_is_taken_in_with_a_disposition(outside: Outside, tmp_path: Path):
    """Of children of whom everything may be shared; `tell-once bench mutate` takes in more."""
    became: Counter[str] = Counter()
    with InProcess.running(outside) as running:
        for form in Format:
            running.decide(*children_in(form))
            result = publish_all(Mutated(form, SEED, 0, SOME), running.connectors, tmp_path)

            assert not result.findings, (form, result.findings[:3])
            became.update(result.became)
        running.settle()
    assert became.keys() >= {Disposition.PARKED, Disposition.PUBLISHED, Disposition.WITHHELD}
    assert not list(tmp_path.glob("*-*"))
