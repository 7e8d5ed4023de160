"""deploy/tell-once test takes its own options out before the rest goes to pytest."""

import re
from fnmatch import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.test_run import PICTURES, WALKS, Options
from tests.support.checkout import ROOT
from tests.support.examples import made_up, properties
from tests.support.walks import WALKS as MARKED
from tests.support.walks import walks_of

_KILL_ROUNDS = ROOT / "tests/support/killing/kill_rounds.py"
_READ = re.compile(r'environ\.get\(\s*"(TELL_ONCE_[A-Z_]+)"')
# Which seed a run takes is not a matter of how long it is.
_OTHERS = {"TELL_ONCE_KILL_SEED", PICTURES}


def pytest_of(*arguments: str) -> list[str]:
    """What comes after `python -m pytest`."""
    return Options.read(arguments).command()[3:]


def test_without_options_everything_runs_on_all_cores():
    """And says which tests were the slowest."""
    number, durations = pytest_of()[1:]

    assert int(number) >= 1
    assert durations == "--durations=25"


@pytest.mark.parametrize("cores", [1, 2, 8, 64])
def test_there_are_no_more_workers_than_are_useful(cores: int):
    """One more than cores, since tests wait; each has a database server of its own."""
    command = Options.read([]).command(cores)

    assert command[3:5] == ["-n", str(min(cores + 1, 8))]


def test_what_is_not_ours_goes_to_pytest_as_it_stands():
    """Files that are named run in one process, a choice by words is shared out."""
    asked = ["-k", "withdraw and not page", "--pdb", "--fault", "-m", "kafka"]

    assert pytest_of(*asked)[3:] == asked
    assert pytest_of(*asked)[0] == "-n"
    for place in ("tests/unit", "tests/unit/test_test_run.py::test_ours"):
        assert pytest_of(*asked, place)[1:] == [*asked, place]


def test_ours_are_taken_out_wherever_they_stand():
    """What is left keeps its order."""
    options = Options.read(["-x", "--pictures", "tests/journeys", "--workers", "3", "--soak", "-v"])

    assert options.pictures
    assert options.walks == ("soak",)
    assert options.rest == ("-x", "tests/journeys", "-v")
    assert pytest_of("tests/journeys", "--workers", "3")[:2] == ["-n", "3"]


def test_a_walk_is_its_tests_alone_at_their_long_settings():
    """Both walks are both."""
    faults = Options.read(["--faults"])
    both = Options.read(["--soak", "--faults"])

    assert faults.command()[-2:] == ["-m", "faults"]
    assert faults.environment({}) == WALKS["faults"].settings
    assert both.command()[-2:] == ["-m", "faults or soak"]
    assert both.environment({}) == {**WALKS["faults"].settings, **WALKS["soak"].settings}


def test_a_setting_that_was_given_wins():
    """And the rest of the environment is passed on."""
    given = {"TELL_ONCE_KILL_ROUNDS": "3", "PATH": "/bin"}

    environment = Options.read(["--faults"]).environment(given)

    assert environment["TELL_ONCE_KILL_ROUNDS"] == "3"
    assert environment["TELL_ONCE_KILL_MESSAGES"] == "2000"
    assert environment["PATH"] == "/bin"


def test_nothing_is_long_without_a_walk():
    """The environment is what it was."""
    assert Options.read(["--pictures", "-x"]).environment({"HOME": "/"}) == {"HOME": "/"}


def test_what_is_compiled_is_kept():
    """Else each process that a test starts compiles the whole program anew."""
    given = {"PYTHONDONTWRITEBYTECODE": "1", "HOME": "/"}

    assert Options.read([]).environment(given) == {"HOME": "/"}


def test_help_tells_each_option(capsys: pytest.CaptureFixture[str]):
    """With what it sets; nothing is run."""
    with pytest.raises(SystemExit) as ended:
        Options.read(["--help"])

    said = " ".join(capsys.readouterr().out.split())
    assert ended.value.code == 0
    assert all(f"--{name}" in said for name in (*WALKS, "pictures", "workers"))
    for walk in WALKS.values():
        assert all(f"{name}={value}" in said for name, value in walk.settings.items())


def test_every_setting_of_length_belongs_to_a_walk():
    """And is read by a test that is marked for that walk."""
    read = {"TELL_ONCE_EXAMPLES_TIMES": {"soak"}}  # of all properties: tests/support/examples.py
    for path in (ROOT / "tests").rglob("test_*.py"):
        said = path.read_text()
        if "kill_rounds" in said:  # which reads them for the files that kill
            said += _KILL_ROUNDS.read_text()
        for name in _READ.findall(said):
            read.setdefault(name, set()).update(walks_of(path.name))

    wanted: dict[str, set[str]] = {}
    for walk, each in WALKS.items():
        for name in each.settings:
            wanted.setdefault(name, set()).add(walk)
    assert {name: walks for name, walks in read.items() if name not in _OTHERS} == wanted


@given(st.integers())
def test_a_property_makes_up_half_and_all_of_it_on_the_long_walk(number: int):
    """Where few are said, each is dear, and none is left out; this one has been told so."""
    assert [made_up(most, 0.5) for most in (1000, 50, 30, 20, 5)] == [500, 25, 20, 20, 5]
    assert [made_up(most, 1) for most in (1000, 30, 5)] == [1000, 30, 5]
    assert made_up(100, 10) == 1000
    assert isinstance(number, int)


def test_every_property_is_walked_for_long(request: pytest.FixtureRequest):
    """Its mark says so, whatever its file is called; and the number of its examples is ours."""
    (one,) = (item for item in request.session.items if "makes_up_half" in item.name)

    assert one.get_closest_marker("soak") is not None
    (found,) = properties([one])
    assert found._hypothesis_internal_use_settings.max_examples == made_up(100)


def test_every_walk_finds_its_files():
    """A pattern that matches no file any more marks nothing."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    lost = [p for each in MARKED.values() for p in each if not any(fnmatch(n, p) for n in names)]

    assert MARKED.keys() == WALKS.keys()
    assert lost == []
