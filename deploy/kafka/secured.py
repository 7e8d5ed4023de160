# ruff: noqa: INP001 - deploy is not a package: a distribution of that name exists
"""How a local Kafka is set up that asks who one is: TLS, SCRAM, and rights (StandardAuthorizer).

Clients come in by TLS with SCRAM-SHA-512; the broker and its controller know each other by the
broker's certificate. Whoever has no right to something is refused it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SETTINGS = """\
listeners=CLIENTS://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=CLIENTS://127.0.0.1:{port}
listener.security.protocol.map=CLIENTS:SASL_SSL,CONTROLLER:SSL
inter.broker.listener.name=CLIENTS
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.clients.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.\
ScramLoginModule required username="{administrator}" password="{password}";
listener.name.controller.ssl.client.auth=required
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={authority}
ssl.enabled.protocols=TLSv1.2,TLSv1.3
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:{administrator};User:CN=broker
"""


@dataclass(frozen=True, slots=True)
class Secured:
    """The broker's key with its certificate, for CN=broker, and the authority's, as PEM; its users.

    The first user is the administrator, who may do everything.
    """

    keystore: Path
    authority: Path
    users: Mapping[str, str] = field(repr=False)

    @property
    def administrator(self) -> str:
        """Who makes topics and grants rights."""
        return next(iter(self.users))

    def settings(self, *, port: int, controller_port: int) -> str:
        """Lines of server.properties."""
        return SETTINGS.format(
            port=port,
            controller_port=controller_port,
            administrator=self.administrator,
            password=self.users[self.administrator],
            keystore=self.keystore,
            authority=self.authority,
        )

    def formatting(self) -> list[str]:
        """What kafka-storage is told beside: the users are part of the metadata from the start."""
        return [
            word
            for name, password in self.users.items()
            for word in ("--add-scram", f"SCRAM-SHA-512=[name={name},password={password}]")
        ]
