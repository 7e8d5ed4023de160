"""`bench mutate`: damaged inputs are always the same, and what may not become of one is found."""

import json
import shutil
import subprocess
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path
from random import Random

import psutil
import pytest

from deploy.bench.commands import plain_of
from deploy.bench.mutate import Mutation, bench_mutate, faults_in_words, forms_asked
from deploy.bench.mutating.damage import damaged
from deploy.bench.mutating.judging import MESSAGE, REASONS, fault_of, judge
from deploy.bench.mutating.room import LARGEST, copies
from deploy.bench.mutating.running import Allowed, Mutated, input_of, judge_all, judge_apart
from deploy.bench.mutating.seeds import CANARY, Format, read, seeds_of
from schemas.records.message import SourceMessage
from schemas.vocabulary import Source
from services.platform.settings import Settings
from tests.support.checkout import ROOT

SEED = 7
SHORT = 120


@pytest.mark.parametrize("form", list(Format))
def test_whatever_comes_becomes_a_message_or_a_reason(form: Format):
    """A short run of each format; `tell-once bench mutate SOURCE` goes on from here."""
    runner = psutil.Process().memory_info().rss / 2**20  # which is no input's
    allowed = Allowed(mib=runner + Allowed().mib)

    result = judge_all(Mutated(form, SEED, 0, SHORT), None, allowed=allowed)

    assert not result.findings, result.findings[:3]
    assert result.judged == SHORT
    assert result.became.keys() <= REASONS | {MESSAGE, "nothing"}
    assert result.became[MESSAGE] > SHORT / 20, "the damage leaves too little to be read"
    assert len(result.became) > 6, "the damage comes to too few reasons"


def test_every_seed_is_read_or_refused_and_names_somebody_by_the_canary():
    """And for each format some are read: damage to what is refused anyhow tests nothing."""
    for form in Format:
        outcomes = [one.outcome for seed in seeds_of(form) for one in read(form, seed)]

        assert all(CANARY.encode() in seed for seed in seeds_of(form)), form
        assert sum(isinstance(outcome, SourceMessage) for outcome in outcomes) > 1, form
        assert not [seed for seed in seeds_of(form) if judge(form, seed).fault], form


def test_input_is_the_same_whenever_and_wherever_it_is_made():
    """By seed, format and number alone, so that each can be made again."""
    for form in Format:
        seeds = seeds_of(form)
        one = Mutated(form, SEED, 0, 100)

        made = [input_of(one, number, seeds) for number in range(30)]

        assert made == [input_of(one.one(number), number, seeds) for number in range(30)]
        assert made != [input_of(Mutated(form, SEED + 1, 0, 100), n, seeds) for n in range(30)]
        assert len(set(made)) > 25


def test_input_is_the_same_in_every_process():
    """Not even the place in memory of what is damaged is in it."""
    program = f"from {__name__} import digests_of_inputs as told; print(*told())"

    apart = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT
    )

    assert apart.stdout.split() == digests_of_inputs()


def digests_of_inputs() -> list[str]:
    """What tells whether the same inputs of a format were made."""
    seeds, mutated = seeds_of(Format.CSC), Mutated(Format.CSC, SEED, 0, 1)
    made = (input_of(mutated, number, seeds) for number in range(300))
    return [sha256(data).hexdigest() for data in made]


LONG = b"x" * 70_000
"""What is as long as this, hundreds of times over, is too long."""


@pytest.mark.parametrize("seed", [b'[[["%b"]]]', b"<a><b><c>%b</c></b></a>", b"a,b\n1,%b\n"])
def test_copies_stay_within_what_there_is_room_for(seed: bytes):
    """Copies of copies are left out once they are too much; until then there are many."""
    made = [len(damaged([seed % LONG], Random(number))) for number in range(300)]

    assert max(made) <= LARGEST
    assert max(made) > 20 * len(LONG)


def test_there_is_room_for_so_many_copies_as_were_asked_or_fewer():
    """Of what is as large as all the room there is none."""
    assert copies(300, 0) == copies(300, 1000) == 300
    assert copies(300, LARGEST // 4) == 2
    assert copies(1, LARGEST) == 0


def test_inputs_are_made_outside_the_bound_in_which_they_are_read(tmp_path: Path):
    """A bound that leaves next to nothing is too little for the connector, and for nothing else.

    The input is of nearly a megabyte. Where nothing is left, not even room for the stack, a
    process ends without a word.
    """
    mutated = Mutated(Format.CSC, SEED, 491, 1)

    result = judge_apart(mutated, tmp_path, allowed=Allowed(mib=1))

    assert result.faults == {"too much memory": 1}


def test_damage_is_of_every_kind():
    """Most inputs stay what they were in form, and some become what no parser takes."""
    random, seeds = Random(SEED), seeds_of(Format.CSC)
    beginnings = Counter(damaged(seeds, random)[:1] in {b"{", b"["} for _ in range(300))

    assert beginnings[True] > 200
    assert beginnings[False] > 5


def test_what_may_not_be_told_is_found():
    """A value of the input, a code that is not listed, what is no code at all."""
    assert fault_of("Pupil/Surname", "missing", "ctf/9994001/x") is None
    assert fault_of("a", "contradicts:Patient.birthDate", None) is None
    assert fault_of(f"Bundle.{CANARY.upper()}", "missing", None) == "a value is told"
    assert fault_of("a", "missing", f"id-{CANARY}") == "a value is told"
    assert fault_of("a", "unexpected", None) == "a reason that is not listed"
    assert fault_of("a\n", "missing", None) == "a field or a reason that is none"


def test_inputs_at_fault_are_kept_with_what_makes_them_again(tmp_path: Path):
    """Here a millionth of a second is too slow, and a thousandth of a MiB too much."""
    mutated, seeds = Mutated(Format.CTF, SEED, 5, 2), seeds_of(Format.CTF)

    slow = judge_all(mutated, tmp_path, allowed=Allowed(seconds=1e-6))
    large = judge_all(mutated, None, allowed=Allowed(mib=1e-3))

    assert (slow.faults, large.faults) == ({"too slow": 2}, {"too much memory": 2})
    kept = [Path(found.file or "").read_bytes() for found in slow.findings]
    assert kept == [input_of(mutated.one(number), number, seeds) for number in (5, 6)]


def test_document_tells_what_became_and_each_fault_with_its_command(settings: Settings):
    """For a person and for a program; judged in a process of its own it comes to the same."""
    forms = forms_asked(Source.SCHOOLS, [Format.CLASS_LIST])
    asked, allowed = Mutation(forms, SEED, 3, 1, published=0), Allowed(seconds=1e-6)

    document = bench_mutate(settings, asked, allowed=allowed)

    (fault,) = json.loads(json.dumps(document))["faults"]
    assert (fault["input"], fault["what"]) == (3, "too slow")
    assert fault["repeat"] == (
        "tell-once bench mutate schools --only class-list --seed 7 --first 3 --count 1"
    )
    assert CANARY.encode() in Path(fault["file"]).read_bytes()
    shutil.rmtree(Path(fault["file"]).parent)
    assert fault["repeat"] in faults_in_words(document)
    assert "class-list inputs at fault: 1.0 inputs" in plain_of(document)
    here = judge_all(Mutated(Format.CLASS_LIST, SEED, 3, 1), None)
    assert document["became"] == {"class-list": dict(here.became)}
    assert forms_asked(Source.SCHOOLS, []) == [Format.CTF, Format.ROLL, Format.CLASS_LIST]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give settings of a folder that is not used."""
    return Settings(data=tmp_path)
