"""`tell-once partner`: who may come in, by command."""

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from consent.ledger import read_entry
from services.__main__ import main
from services.bootstrap import opened
from services.interfaces.servers import machines_alone
from services.platform.database.migrating import mark_installation
from services.platform.settings import Settings
from tests.support.assertions import P256, P384
from tests.support.demonstrating import mark

pytestmark = pytest.mark.postgres


class Command:
    """Runs `tell-once partner` on one database and tells what it printed."""

    def __init__(self, folder: Path, database: str, capfd: pytest.CaptureFixture[str]) -> None:
        self._options = ["--data", str(folder / "data"), "--database", database]
        self._capfd = capfd
        self.settings = Settings.model_validate({"data": folder / "data", "database": database})
        self.folder = folder

    def json(self, *words: str) -> Any:
        code = main(["partner", *words, "--json", *self._options])
        written = self._capfd.readouterr()
        assert code == 0, written.err
        return json.loads(written.out)

    def text(self, *words: str) -> tuple[int, str]:
        code = main(["partner", *words, *self._options])
        written = self._capfd.readouterr()
        return code, written.out + written.err

    def file(self, name: str, content: bytes) -> str:
        (self.folder / name).write_bytes(content)
        return str(self.folder / name)


@pytest.fixture
def real_command(tmp_path: Path, database: str, capfd: pytest.CaptureFixture[str]) -> Command:
    """Give the command on an empty database, where families may be real."""
    return Command(tmp_path, database, capfd)


@pytest.fixture
def command(real_command: Command, database: str) -> Command:
    """Give the command where only invented families are: it is both hands."""
    mark(database, is_demonstration=True)
    return real_command


def as_another(command: Command, monkeypatch: pytest.MonkeyPatch, *words: str) -> Any:
    """Run it under another system account."""
    with monkeypatch.context() as other:
        other.setattr(os, "getuid", lambda: 0xFFF1)
        return command.json(*words)


def test_a_partner_that_was_added_can_come_in(command: Command):
    """With the secret that was told once, for what its source takes."""
    added = command.json(
        "add", "northfield-csc", "--source", "social-care", "--la-code", "999", "--secret"
    )
    shown = command.json("show", "northfield-csc")

    with opened(command.settings) as application:
        http = TestClient(machines_alone(application))
        form = {"grant_type": "client_credentials", "client_id": added["client_id"]}
        token = http.post("/oauth/token", data=form | {"client_secret": added["client_secret"]})

    assert added["scopes"] == ["dispositions:read", "events:social-care"]
    assert token.json()["scope"] == "dispositions:read events:social-care"
    assert "client_secret" not in shown
    assert shown["la_code"] == "999"


def test_a_secret_lies_nowhere(command: Command, engine: Engine):
    """Only its keyed hash is kept."""
    secret = command.json("add", "one", "--scope", "access:evaluate", "--secret")["client_secret"]

    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM partner_secret")).all()
        entries = connection.execute(text("SELECT body FROM ledger_entry")).scalars().all()

    kept = repr([*rows, *entries])
    assert secret not in kept
    assert secret.encode().hex() not in kept


def test_a_partner_that_shows_families_names_its_agencies(command: Command, engine: Engine):
    """It needs a key of its own, because only what is signed can name a practitioner."""
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO agency VALUES ('RY4', 'Trust', 'health-visiting')"))
    words = ("add", "ehr", "--scope", "families:read", "--agency", "RY4")
    key = command.file("key.pem", P256.as_pem(private=False))

    code, told = command.text(*words, "--secret")
    added = command.json(*words, "--public-key", key)

    assert code == 2
    assert told.startswith("tell-once: credential: ")
    assert (added["scopes"], added["agencies"]) == (["families:read"], ["RY4"])
    with engine.connect() as connection:
        bodies = connection.execute(text("SELECT body FROM ledger_entry ORDER BY seq")).scalars()
        (entry,) = [e for e in map(read_entry, map(bytes, bodies)) if "agencies" in e.fields]
    assert entry.fields["agencies"] == sha256(b"RY4\n").hexdigest()


def test_one_that_asks_names_agencies_or_is_answered_no(command: Command, engine: Engine):
    """Its line says for whom it may ask."""
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO agency VALUES ('RY4', 'Trust', 'health-visiting')"))
    words = ("add", "one", "--scope", "access:evaluate", "--secret")

    told = [command.text(*words)[1], command.text("add", "two", *words[2:], "--agency", "RY4")[1]]

    assert "one: may come in; access:evaluate; asks for: no agency;" in told[0]
    assert "two: may come in; access:evaluate; asks for: RY4;" in told[1]


def test_what_lets_a_partner_in_takes_two_officers(
    real_command: Command, monkeypatch: pytest.MonkeyPatch
):
    """Added, given new keys and let in again: asked by one, carried out by another; out at once."""
    one = real_command
    asked = one.json("add", "one", "--source", "schools", "--secret")
    alone = one.text("confirm", asked["order"], "--json")
    before = one.json("list")["partners"]
    added = as_another(one, monkeypatch, "confirm", asked["order"])
    again = one.text("confirm", asked["order"])
    rotating = one.json("rotate", "one", "--secret", "--overlap", "0")
    (kept,) = one.json("show", "one")["credentials"]
    rotated = as_another(one, monkeypatch, "confirm", rotating["order"])
    one.json("suspend", "one")
    resuming = one.json("resume", "one")
    still_out = one.json("show", "one")["suspended_at"]
    as_another(one, monkeypatch, "confirm", resuming["order"], "--decline")
    declined = one.json("show", "one")["suspended_at"]

    assert asked["status"] == "asked"
    assert "client_secret" not in asked
    assert alone == (3, "tell-once: asked-for-it\n")
    assert before == []
    assert added["client_secret"] != rotated["client_secret"]
    assert again == (3, "tell-once: is-answered\n")
    assert kept["valid_until"] is None
    assert len(rotated["credentials"]) == 2
    assert still_out is not None
    assert declined == still_out


def test_two_officers_grant_reasons_and_one_ends_it(
    real_command: Command, engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    """One account is never both hands; where people are invented one command is."""
    command = real_command
    adding = command.json("add", "one", "--scope", "access:evaluate", "--secret")
    as_another(command, monkeypatch, "confirm", adding["order"])

    asked = command.json("explain", "ask", "one")
    refused = command.text("explain", "confirm", "one", "--json")
    before = command.json("show", "one")["scopes"]
    with engine.begin() as connection:
        mark_installation(connection, is_demonstration=True)
    at_once = command.json("explain", "ask", "one")
    granted = command.json("show", "one")["scopes"]
    ended = [command.json("explain", "end", "one")["ended"] for _ in range(2)]

    assert asked["status"] == "asked"
    assert (refused[0], json.loads(refused[1])["because"]) == (3, "asked-for-it")
    assert before == ["access:evaluate"]
    assert at_once["status"] == "confirmed"
    assert granted == ["access:evaluate", "access:explain"]
    assert ended == [True, False]
    assert command.json("show", "one")["scopes"] == ["access:evaluate"]
    with engine.connect() as connection:
        bodies = connection.execute(text("SELECT body FROM ledger_entry ORDER BY seq")).scalars()
        events = [read_entry(bytes(body)).event.value for body in bodies]
    assert [event for event in events if event != "row:bound"][-6:] == [
        "order:asked",
        "order:answer_refused",
        "order:asked",
        "order:confirmed",
        "partner:explaining_granted",
        "partner:explaining_ended",
    ]


def test_what_cannot_be_carried_out_any_more_is_entered_and_waits_on(
    real_command: Command, engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    """The name was taken meanwhile: whoever confirms is told, and the order can be declined."""
    words = ("add", "one", "--source", "schools", "--secret")
    first, second = (real_command.json(*words)["order"] for _ in range(2))
    as_another(real_command, monkeypatch, "confirm", first)

    with monkeypatch.context() as other:
        other.setattr(os, "getuid", lambda: 0xFFF1)
        code, told = real_command.text("confirm", second)
        declined = real_command.json("confirm", second, "--decline")

    assert (code, declined["status"]) == (2, "declined")
    assert told.startswith("tell-once: name: ")
    with engine.connect() as connection:
        bodies = connection.execute(text("SELECT body FROM ledger_entry ORDER BY seq")).scalars()
        entries = [read_entry(bytes(body)) for body in bodies]
    (refused,) = [entry for entry in entries if entry.event == "order:answer_refused"]
    assert refused.fields == {"order": (second,), "because": "cannot-be-carried-out-now"}
    assert [entry.event for entry in entries].count("partner:added") == 1


_CARDS = ("--issuer", "https://cards.example", "--client", "ehr")


def test_old_keys_go_on_until_the_overlap_is_over(command: Command):
    """Then the new ones alone are taken."""
    old = command.file("old.pem", P256.as_pem(private=False))
    new = command.file("new.json", json.dumps(P384.as_dict(private=False)).encode())
    command.json("add", "one", "--source", "schools", "--public-key", old)

    rotated = command.json("rotate", "one", "--jwks", new, "--overlap", "2")

    untils = {c["kid"]: c["valid_until"] for c in rotated["credentials"]}
    assert untils == {"p-384": None, P256.thumbprint(): rotated["old_until"]}


def test_everything_is_on_the_ledger(command: Command, engine: Engine):
    """Who was let in, given keys, shut out and let in again; twice the same is once."""
    command.json("add", "one", "--source", "schools", "--secret")
    command.json("rotate", "one", "--secret", "--overlap", "0")
    for verb in ("suspend", "suspend", "resume", "resume"):
        command.json(verb, "one")

    with engine.connect() as connection:
        bodies = connection.execute(text("SELECT body FROM ledger_entry ORDER BY seq")).scalars()
        entries = [read_entry(bytes(body)) for body in bodies]
    about = [entry for entry in entries if entry.event.startswith("partner:")]

    assert [entry.event.value for entry in about] == [
        "partner:added",
        "partner:key_rotated",
        "partner:suspended",
        "partner:resumed",
    ]
    assert {entry.fields["partner"] for entry in about} == {"one"}


def test_all_partners_are_listed(command: Command):
    """By name; in words too."""
    nobody = command.text("list")
    command.json("add", "two", "--source", "schools", "--secret")
    command.json("add", "one", "--scope", "access:evaluate", "--secret")
    command.json("suspend", "two")

    listed = command.json("list")["partners"]
    told = command.text("list")[1]

    assert nobody == (0, "There is no partner.\n")
    assert [one["client_id"] for one in listed] == ["one", "two"]
    assert "two: suspended" in told
    assert "one: may come in" in told


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (["add", "Northfield", "--source", "schools", "--secret"], "name"),
        (["add", "n-123456", "--source", "schools", "--secret"], "name"),
        (["add", "n" * 49, "--source", "schools", "--secret"], "name"),
        (["add", "one", "--secret"], "scope"),
        (["add", "one", "--source", "schools"], "credential"),
        (["add", "one", "--source", "schools", "--secret", "--la-code", "x"], "la-code"),
        (["add", "one", "--source", "schools", "--secret", "--burst", "0"], "pace"),
        (["add", "one", "--source", "schools", "--public-key", "/nowhere"], "public-key"),
        (["add", "there", "--source", "schools", "--secret"], "name"),
        (["add", "one", "--scope", "families:read", "--secret"], "agency"),
        (["explain", "ask", "nobody"], "name"),
        (["explain", "ask", "there"], "scope"),
        (["explain", "end", "nobody"], "name"),
        (["add", "one", "--source", "schools", "--secret", "--agency", "RY4"], "agency"),
        (["add", "one", "--scope", "families:read", "--secret", "--agency", "ZZ9"], "agency"),
        (["rotate", "nobody", "--secret"], "name"),
        (["rotate", "there"], "credential"),
        (["rotate", "there", "--secret", "--overlap", "-1"], "overlap"),
        (["client", "nobody", *_CARDS], "name"),
        (["client", "there", *_CARDS], "scope"),
        (["client", "there", *_CARDS, "--end"], "client"),
        (["suspend", "nobody"], "name"),
        (["show", "nobody"], "name"),
    ],
    ids=" ".join,
)
def test_what_is_asked_wrongly_is_told_by_its_place(command: Command, words: list[str], place: str):
    """Exit code 2, and nothing is changed."""
    command.json("add", "there", "--source", "schools", "--secret")

    code, told = command.text(*words)

    assert code == 2
    assert told.startswith(f"tell-once: {place}: ")
    assert [one["client_id"] for one in command.json("list")["partners"]] == ["there"]


def test_as_which_client_a_provider_knows_it_takes_two_officers(
    real_command: Command, engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    """A client is one partner's; one officer ends it, at once. The ledger has a hash."""
    command = real_command
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO agency (agency_code, name, kind) VALUES ('A1', 'One', 'schools')")
        )
    key = command.file("key.pem", P256.as_pem(private=False))
    other = command.file("other.json", json.dumps(P384.as_dict(private=False)).encode())
    for name, shown in (("one", ("--public-key", key)), ("two", ("--jwks", other))):
        words = ("add", name, "--scope", "families:read", "--agency", "A1", *shown)
        as_another(command, monkeypatch, "confirm", command.json(*words)["order"])

    asked = command.json("client", "one", *_CARDS)
    before = command.json("show", "one")["known_as"]
    as_another(command, monkeypatch, "confirm", asked["order"])
    known = command.json("show", "one")["known_as"]
    taken = command.text("client", "two", *_CARDS)
    not_theirs = command.text("client", "two", *_CARDS, "--end")
    ended = command.json("client", "one", *_CARDS, "--end")["known_as"]

    assert (asked["status"], before) == ("asked", [])
    assert known == [{"issuer": "https://cards.example", "client": "ehr"}]
    assert (taken[0], not_theirs[0], ended) == (2, 2, [])
    with engine.connect() as connection:
        bodies = connection.execute(text("SELECT body FROM ledger_entry ORDER BY seq")).scalars()
        entries = [read_entry(bytes(body)) for body in bodies]
    told = [entry for entry in entries if entry.event.startswith("partner:client")]
    assert [entry.event for entry in told] == ["partner:client_named", "partner:client_ended"]
    digest = sha256(b"https://cards.example\nehr\n").hexdigest()
    assert {entry.fields["client"] for entry in told} == {digest}
