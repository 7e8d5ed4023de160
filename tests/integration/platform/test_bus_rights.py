"""A real Kafka that asks who one is: TLS, SCRAM, a user a part, and nothing for anybody else."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ConfigResource,
    ConfigResourceType,
    ResourcePattern,
    ResourceType,
)
from kafka.errors import ClusterAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError
from pydantic import SecretStr

from schemas.topics import RECORD_TOPICS, SHARING_DECISIONS, TOPICS
from services.__main__ import main
from services.platform.bus.kafka import KafkaEventBus
from services.platform.bus.kafka_clients import KafkaClients
from services.platform.bus.ports import BusMessage
from services.platform.bus.rights import BusUser, bus_rights
from services.platform.bus.security import BusSecurity
from services.platform.errors import BusRefused, BusUnavailable
from services.workers.relaying import make_topics
from tests.support.certificates import Authority
from tests.support.fixtures.fixtures_kafka import skip_without_kafka
from tests.support.kafka_broker import Secured, a_broker
from tests.support.waiting import GENEROUS

pytestmark = [pytest.mark.kafka, pytest.mark.enable_socket]
_PATIENCE = timedelta(seconds=20)
_ADMINISTRATOR, _STRANGER = "council-administrator", "somebody"
_PASSWORDS = {name: f"secret-of-{name}" for name in (_ADMINISTRATOR, *BusUser, _STRANGER)}
_TOPIC = RECORD_TOPICS[0]


class _Cluster:
    """The broker, and how to come to it as somebody."""

    def __init__(self, server: str, authority: Path) -> None:
        self.server = server
        self.authority = authority

    def security(self, user: str, password: str | None = None) -> BusSecurity:
        said = SecretStr(password or _PASSWORDS[user])
        return BusSecurity("scram", str(self.authority), user, said)

    def bus(self, security: BusSecurity, patience: timedelta = _PATIENCE) -> KafkaEventBus:
        return KafkaEventBus([self.server], patience=patience, security=security)

    def clients(self, user: str) -> KafkaClients:
        return KafkaClients([self.server], _PATIENCE, _PATIENCE, self.security(user))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Cluster]:
    """Start one broker for all of these; its topics and rights are made by the command."""
    skip_without_kafka()
    authority = Authority.made(tmp_path_factory.mktemp("certificates"))
    certificate, key = authority.server("broker")
    keystore = authority.folder / "broker.pem"
    keystore.touch(mode=0o600)
    keystore.write_bytes(key.read_bytes() + certificate.read_bytes())
    with a_broker(Secured(keystore, authority.file, _PASSWORDS)) as broker:
        yield _Cluster(broker.bootstrap_servers, authority.file)


@pytest.fixture
def create(
    cluster: _Cluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Callable[[], dict[str, list[str]]]:
    """Give what `tell-once bus create` does, with the password in a file."""
    secret = tmp_path / "password"
    secret.touch(mode=0o600)
    secret.write_text(_PASSWORDS[_ADMINISTRATOR] + "\n")
    told = {"SECURITY": "scram", "CA": str(cluster.authority), "USER": _ADMINISTRATOR}
    for name, value in {**told, "PASSWORD_FILE": str(secret)}.items():
        monkeypatch.setenv(f"TELL_ONCE_BUS_{name}", value)

    def created() -> dict[str, list[str]]:
        assert main(["bus", "create", "--bus", f"kafka://{cluster.server}", "--json"]) == 0
        made: dict[str, list[str]] = json.loads(capfd.readouterr().out)
        return made

    return created


def test_topics_and_rights_are_made_once_and_kept_so(
    cluster: _Cluster, create: Callable[[], dict[str, list[str]]]
) -> None:
    """Again nothing is changed; what somebody granted by hand to a part of ours is taken away."""
    first, second = create(), create()
    with cluster.clients(_ADMINISTRATOR).admin() as admin:
        place = ResourcePattern(ResourceType.TOPIC, _TOPIC)
        user = f"User:{BusUser.RELAY}"
        admin.create_acls([ACL(user, "*", ACLOperation.DELETE, ACLPermissionType.ALLOW, place)])
    third = create()

    assert first["topics"] == sorted(topic.name for topic in TOPICS)
    assert len(first["granted"]) == len(bus_rights())
    assert [name for name, changed in second.items() if changed] == []
    assert third["taken_away"] == [f"user:tell-once-relay allow delete topic {_TOPIC}"]
    assert not third["granted"]


def test_each_part_does_its_own_work_and_no_other_s(
    cluster: _Cluster, create: Callable[[], dict[str, list[str]]]
) -> None:
    """The relay writes and reads nothing; aggregation reads; connectors see decisions alone."""
    create()
    message = BusMessage(_TOPIC, "k" * 32, (), b"sealed")
    relay = cluster.bus(cluster.security(BusUser.RELAY))
    aggregation = cluster.bus(cluster.security(BusUser.AGGREGATION))
    connectors = cluster.bus(cluster.security(BusUser.CONNECTORS))

    make_topics(relay)
    relay.publish([message])
    with aggregation.subscribe("aggregation", [_TOPIC, SHARING_DECISIONS], lambda _: {}) as reading:
        received = next(found for _ in range(60) if (found := reading.poll(10, GENEROUS / 60)))
    connectors.subscribe("connectors", [SHARING_DECISIONS], lambda _: {}).close()
    refused = [
        _refusal(lambda: aggregation.publish([message])),
        _refusal(lambda: connectors.publish([message])),
        _refusal(lambda: connectors.publish([BusMessage(SHARING_DECISIONS, "k" * 32, (), b"x")])),
        _refusal(lambda: connectors.subscribe("connectors", [_TOPIC], lambda _: {})),
        _refusal(lambda: relay.subscribe("aggregation", [_TOPIC], lambda _: {}).poll(1, GENEROUS)),
        _refusal(lambda: aggregation.subscribe("x", [_TOPIC], lambda _: {}).poll(1, GENEROUS)),
    ]
    for bus in (relay, aggregation, connectors):
        bus.close()

    assert [one.value for one in received] == [b"sealed"]
    assert all(issubclass(one, BusUnavailable) for one in refused)
    assert refused[4:] == [BusRefused, BusRefused]


def test_somebody_without_rights_is_refused_everything(
    cluster: _Cluster, create: Callable[[], dict[str, list[str]]]
) -> None:
    """Whose password is right: no topic is seen, written, read, deleted or altered."""
    create()
    place = ResourcePattern(ResourceType.TOPIC, _TOPIC)
    own = ACL(f"User:{_STRANGER}", "*", ACLOperation.ALL, ACLPermissionType.ALLOW, place)
    altered = ConfigResource(ConfigResourceType.TOPIC, _TOPIC, configs={"retention.ms": "1"})
    bus = cluster.bus(cluster.security(_STRANGER))

    for user in (_STRANGER, BusUser.RELAY, BusUser.CONNECTORS):
        with cluster.clients(user).admin() as admin:
            seen = set(admin.list_topics())
            assert seen == (set() if user == _STRANGER else seen)
            for attempt in (
                lambda admin=admin: admin.delete_topics([_TOPIC]),
                lambda admin=admin: _altered(
                    admin.alter_configs([altered], raise_on_unknown=False)
                ),
                lambda admin=admin: admin.create_topics({"mine": {"num_partitions": 1}}),
                lambda admin=admin: _raised(admin.create_acls([own])),
            ):
                with pytest.raises(
                    (TopicAuthorizationFailedError, ClusterAuthorizationFailedError)
                ):
                    attempt()
    with pytest.raises(BusUnavailable):
        bus.publish([BusMessage(_TOPIC, "k" * 32, (), b"theirs")])
    with pytest.raises(BusUnavailable):
        bus.subscribe("aggregation", [_TOPIC], lambda _: {}).poll(1, GENEROUS)
    bus.close()
    with cluster.clients(_ADMINISTRATOR).admin() as admin:
        assert set(admin.list_topics()) >= {topic.name for topic in TOPICS}


@pytest.mark.parametrize("how", ["plain", "another-password", "another-authority"])
def test_whoever_does_not_come_as_they_have_to_is_not_let_in(
    cluster: _Cluster, tmp_path: Path, how: str
) -> None:
    """Nor is a broker believed that nobody vouches for; no password is told."""
    other = Authority.made(tmp_path)
    security = {
        "plain": BusSecurity("plaintext"),
        "another-password": cluster.security(BusUser.RELAY, "wrong"),
        "another-authority": BusSecurity(
            "scram", str(other.file), BusUser.RELAY, SecretStr(_PASSWORDS[BusUser.RELAY])
        ),
    }[how]
    bus = cluster.bus(security, timedelta(seconds=2))

    with pytest.raises(BusUnavailable) as raised:
        bus.log_id()

    bus.close()
    assert _PASSWORDS[BusUser.RELAY] not in str(raised.value)


def _refusal(attempt: Callable[[], object]) -> type[Exception]:
    with pytest.raises(BusUnavailable) as raised:
        attempt()
    return raised.type


def _raised(answer: dict[str, list[type[KafkaError]]]) -> None:
    for error in answer["failed"]:
        raise error("refused")


def _altered(answer: dict[str, dict[str, object]]) -> None:
    (told,) = answer["topic"].values()
    if "TopicAuthorizationFailed" in str(told):
        raise TopicAuthorizationFailedError(str(told))
