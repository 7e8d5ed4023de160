"""Topics and rights on Kafka as they are to be: made where they lack, taken away where too many."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)
from kafka.errors import NoError, for_code

from services.platform.bus.kafka import topic_settings
from services.platform.bus.kafka_clients import KafkaClients, translated
from services.platform.bus.ports import TopicSpec
from services.platform.bus.rights import BusAct, BusRight, BusThing, BusUser, bus_rights
from services.platform.bus.security import BusSecurity
from services.platform.errors import BusRefused

_PATIENCE: Final = timedelta(seconds=30)
_LOOK_EVERY: Final = 0.1
_ACTS: Final[Mapping[BusAct, ACLOperation]] = {
    BusAct.READ: ACLOperation.READ,
    BusAct.WRITE: ACLOperation.WRITE,
    BusAct.DESCRIBE: ACLOperation.DESCRIBE,
}
_THINGS: Final[Mapping[BusThing, tuple[ResourceType, ACLResourcePatternType]]] = {
    BusThing.TOPIC: (ResourceType.TOPIC, ACLResourcePatternType.LITERAL),
    BusThing.GROUP: (ResourceType.GROUP, ACLResourcePatternType.LITERAL),
    BusThing.GROUPS: (ResourceType.GROUP, ACLResourcePatternType.PREFIXED),
}
_ANYTHING: Final = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)


@dataclass(slots=True)
class BusMade:
    """What was changed: nothing, where all was as it is to be."""

    topics: list[str] = field(default_factory=list)
    widened: list[str] = field(default_factory=list)
    granted: list[str] = field(default_factory=list)
    taken_away: list[str] = field(default_factory=list)


class KafkaMaker:
    """Makes topics and rights, as a user who may."""

    def __init__(self, servers: Sequence[str], security: BusSecurity) -> None:
        self._servers = servers
        self._clients = KafkaClients(servers, _PATIENCE, _PATIENCE, security)

    def make(
        self, specs: Collection[TopicSpec], *, replication: int, partitions_grow: bool
    ) -> BusMade:
        """Make what lacks. Again does nothing. Raises BusUnavailable and BusRefused."""
        made = BusMade()
        with translated(self._servers, "make topics and rights"), self._clients.admin() as admin:
            _make_topics(admin, specs, replication, made, grow=partitions_grow)
            _make_rights(admin, made)
        return made


def _make_topics(
    admin: KafkaAdminClient,
    specs: Collection[TopicSpec],
    replication: int,
    made: BusMade,
    *,
    grow: bool,
) -> None:
    there = {t["name"]: len(t["partitions"]) for t in admin.describe_topics() if t["partitions"]}
    wanted = {
        spec.name: {
            "num_partitions": spec.partitions,
            "replication_factor": replication,
            "configs": topic_settings(spec),
        }
        for spec in specs
        if spec.name not in there
    }
    if wanted:
        answer = admin.create_topics(wanted, raise_errors=False)
        _require_done((t["error_code"], t["name"]) for t in answer["topics"])
        admin.wait_for_topics(list(wanted), timeout_ms=_PATIENCE.total_seconds() * 1000)
        made.topics += sorted(wanted)
    few = {s.name: s.partitions for s in specs if 0 < there.get(s.name, 0) < s.partitions}
    if few and grow:
        admin.create_partitions(few)
        made.widened += sorted(few)


def _make_rights(admin: KafkaAdminClient, made: BusMade) -> None:
    wanted = {_acl_of(right): right for right in bus_rights()}
    there = _all_acls(admin)
    lacking = sorted((right, acl) for acl, right in wanted.items() if acl not in there)
    if lacking:
        answer = admin.create_acls([acl for _, acl in lacking])
        for error in answer["failed"]:
            raise error("a right could not be granted")
        made.granted += [str(right) for right, _ in lacking]
    surplus = [acl for acl in there if acl not in wanted]
    if surplus:
        _require_deleted(admin.delete_acls([_exactly(acl) for acl in surplus]))
        made.taken_away += sorted(_in_words(acl) for acl in surplus)
    _wait_until_known(admin, wanted.keys())


def _wait_until_known(admin: KafkaAdminClient, wanted: Collection[ACL]) -> None:
    """A broker knows a moment later what its controller has written. Raises BusRefused."""
    deadline = time.monotonic() + _PATIENCE.total_seconds()
    while _all_acls(admin) != set(wanted):
        if time.monotonic() > deadline:
            raise BusRefused("Kafka does not keep the rights that it was told; look at its log.")
        time.sleep(_LOOK_EVERY)


def _all_acls(admin: KafkaAdminClient) -> set[ACL]:
    return {acl for user in BusUser for acl in _acls_of(admin, user)}


def _acls_of(admin: KafkaAdminClient, user: BusUser) -> list[ACL]:
    one = ACLFilter(_principal(user), None, ACLOperation.ANY, ACLPermissionType.ANY, _ANYTHING)
    found: tuple[list[ACL], Any] = admin.describe_acls(one)
    return found[0]


def _acl_of(right: BusRight) -> ACL:
    kind, pattern = _THINGS[right.thing]
    place = ResourcePattern(kind, right.name, pattern)
    act = _ACTS[right.act]
    return ACL(_principal(right.user), "*", act, ACLPermissionType.ALLOW, place)


def _exactly(acl: ACL) -> ACLFilter:
    place = acl.resource_pattern
    pattern = ResourcePatternFilter(place.resource_type, place.resource_name, place.pattern_type)
    return ACLFilter(acl.principal, acl.host, acl.operation, acl.permission_type, pattern)


def _principal(user: BusUser) -> str:
    return f"User:{user}"


def _in_words(acl: ACL) -> str:
    place = acl.resource_pattern
    said = f"{acl.principal} {acl.permission_type.name} {acl.operation.name}"
    return f"{said} {place.resource_type.name} {place.resource_name}".lower()


def _require_done(answers: Iterator[tuple[int, str]]) -> None:
    for code, name in answers:
        error: Callable[[str], Exception] = for_code(code)
        if error is not NoError:
            raise error(name)


def _require_deleted(answers: Sequence[tuple[Any, Any, Any]]) -> None:
    if any(error is not NoError for _, _, error in answers):
        raise BusRefused("Kafka did not take away a right; look what this user may do.")
