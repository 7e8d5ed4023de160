"""What is deployed is as those who read it want it: linters, Helm, Kubernetes, systemd, nginx.

What is not there is skipped, and said. What is never checked here: a cluster, a Docker daemon, the
operators' own kinds (KEDA, Strimzi, CloudNativePG), for which nobody here has a schema.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.checkout import ROOT, tracked_files
from tests.support.deploy_tools import checking, helm, of_the_machine, said_by
from tests.support.deployed import CHART, DEPLOY, PLATFORM

_EVERYTHING = """
image: {digest: "sha256:%s", pullSecrets: [pulling]}
settings:
  {council_name: Exbury, ledger_origin: exbury.example/ledger, bus: "postgres:", smtp_port: 587}
secrets: {smtp_password: {secret: mail, key: password}}
files: {sign-in: tell-once-sign-in}
portal: {autoscaling: {enabled: true}}
aggregation: {keda: {enabled: true}}
metrics: {podMonitor: {enabled: true}, from: [{podSelector: {matchLabels: {app: watch}}}]}
mailbox: {enabled: true}
family: {enabled: true, from: [{podSelector: {matchLabels: {app: entrance}}}]}
answering: {enabled: true}
community: {bouncesClaim: bounces}
networkPolicy: {from: [{podSelector: {matchLabels: {app: entrance}}}]}
nodeSelector: {kubernetes.io/os: linux}
tolerations: [{key: council, operator: Exists}]
""" % ("0" * 64)
_ALL_PLATFORM = ("--set", "database.enabled=true,bus.enabled=true")
_NOT_KUBERNETES_OWN = ("keda.sh/", "monitoring.coreos.com/", "cnpg.io/", "strimzi.io/")
Manifest = dict[str, Any]


def rendered(chart: Path, *more: str, values: str = "") -> list[Manifest]:
    """The manifests that Helm makes of a chart; `values` are YAML."""
    command = [helm(), "template", "exbury", str(chart), "--values", "-", *more]
    return [found for found in yaml.safe_load_all(said_by(command, text=values or "{}")) if found]


def pod_specs(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """Each pod that comes of them, by the name of what makes it."""
    for found in manifests:
        spec: Manifest | None = found if found["kind"] == "Pod" else found.get("spec")
        while spec is not None and "containers" not in spec:
            spec = spec.get("jobTemplate") or spec.get("template") or spec.get("spec")
        if spec is not None:
            yield found["metadata"]["name"], spec


@pytest.fixture(scope="module")
def least() -> list[Manifest]:
    """The chart as it comes."""
    return rendered(CHART)


@pytest.fixture(scope="module")
def most() -> list[Manifest]:
    """The chart with all its options."""
    return rendered(CHART, values=_EVERYTHING)


def test_the_dockerfile_is_well_formed():
    """Hadolint, without an exception."""
    said_by([checking("hadolint"), str(DEPLOY / "Dockerfile")])


def test_what_is_wrong_is_found(tmp_path: Path, least: list[Manifest]):
    """Else all of this would say nothing."""
    dockerfile, manifest = tmp_path / "Dockerfile", tmp_path / "portal.yaml"
    dockerfile.write_text("FROM python\nADD here /there\n")
    portal = next(m for m in least if m["metadata"]["name"] == "exbury-portal" and "spec" in m)
    manifest.write_text(yaml.safe_dump(portal | {"spec": portal["spec"] | {"replcas": 2}}))

    assert "DL3006" in said_by([checking("hadolint"), str(dockerfile)], fails=True)
    validate = [checking("kubernetes-validate"), "--strict", str(manifest)]
    assert "replcas" in said_by(validate, fails=True)


def test_yaml_is_well_formed():
    """All of it that is YAML before Helm has been at it."""
    files = [
        str(path.relative_to(ROOT))
        for path in tracked_files()
        if path.is_relative_to(DEPLOY) and path.suffix == ".yaml" and "templates" not in path.parts
    ]

    assert "deploy/compose.yaml" in files
    config = str(DEPLOY / "checking/yamllint.yaml")
    said_by([checking("yamllint"), "--strict", "--config-file", config, *map(str, files)])


def test_scripts_are_well_formed():
    """Read by the shell, and not run."""
    for path in (DEPLOY / "container").iterdir():
        if path.read_bytes().startswith(b"#!/bin/sh"):
            said_by(["sh", "-n", str(path)])


def test_kubernetes_takes_what_helm_makes(
    tmp_path: Path, least: list[Manifest], most: list[Manifest]
):
    """Strictly, by the schemas of its own kinds."""
    validate = checking("kubernetes-validate")
    for number, manifests in enumerate((least, most)):
        ours = [m for m in manifests if not m["apiVersion"].startswith(_NOT_KUBERNETES_OWN)]
        path = tmp_path / f"{number}.yaml"
        path.write_text(yaml.safe_dump_all(ours))

        assert "WARN" not in said_by([validate, "--strict", str(path)])


def test_every_pod_is_shut_in(most: list[Manifest]):
    """Pod Security *restricted*, a root that nobody writes to, no token; secrets for few eyes."""
    pods = dict(pod_specs(most))

    assert len(pods) == 15
    for name, pod in pods.items():
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in pod["containers"]:
            context = container["securityContext"]
            assert context["capabilities"] == {"drop": ["ALL"]}, name
            assert context["readOnlyRootFilesystem"] is True, name
            assert context["allowPrivilegeEscalation"] is False, name
            assert "memory" in container["resources"]["limits"], name
        for volume in pod["volumes"]:
            files = volume.get("projected") or volume.get("secret") or {"defaultMode": 0o440}
            assert files["defaultMode"] == 0o440, name


def test_each_part_is_its_own_user_of_the_database(most: list[Manifest]):
    """The owner's URL is in no part that goes on running."""
    keys = {
        name: [
            item["key"]
            for volume in pod["volumes"]
            if volume["name"] == "secrets"
            for source in volume["projected"]["sources"]
            for item in source["secret"]["items"]
            if item["path"].endswith("database")
        ]
        for name, pod in pod_specs(most)
    }

    assert keys == {
        "exbury-portal": ["portal", "own"],
        "exbury-aggregation": ["aggregation"],
        "exbury-relay": ["relay"],
        "exbury-connectors": ["connectors"],
        "exbury-connections": ["portal"],
        "exbury-community": ["portal"],
        "exbury-family": ["portal", "own"],
        "exbury-answering": ["portal"],
        "exbury-directory": ["directory"],
        "exbury-directory-feeds": ["directory_feeds"],
        "exbury-mailbox": ["connectors"],
        "exbury-migrate": ["owner"],
        "exbury-erase": ["owner"],
        "exbury-verify": ["owner"],
        "exbury-test-verify": ["owner"],
    }


def test_hooks_migrate_before_and_verify_on_asking(least: list[Manifest]):
    """Nothing else is a hook."""
    hooks = {
        m["metadata"]["name"]: m["metadata"]["annotations"]["helm.sh/hook"]
        for m in least
        if "helm.sh/hook" in m["metadata"].get("annotations", {})
    }

    assert hooks == {"exbury-migrate": "pre-install,pre-upgrade", "exbury-test-verify": "test"}


def test_nothing_goes_in_or_out_but_what_is_named(least: list[Manifest]):
    """One rule denies everything to every pod of ours, and only pages are come to."""
    policies = {m["metadata"]["name"]: m["spec"] for m in least if m["kind"] == "NetworkPolicy"}
    nothing = policies.pop("exbury-nothing")
    labels = nothing["podSelector"]["matchLabels"].items()
    templates = [m["spec"]["template"] for m in least if m["kind"] == "Deployment"]

    assert nothing["policyTypes"] == ["Ingress", "Egress"]
    assert not {"ingress", "egress"} & nothing.keys()
    assert all(labels <= each["metadata"]["labels"].items() for each in templates)
    comes_in = {name for name, spec in policies.items() if "ingress" in spec}
    assert comes_in == {"exbury-portal", "exbury-directory"}
    goes_out = policies["exbury-outside"]["podSelector"]["matchExpressions"][0]["values"]
    assert set(goes_out) == {"portal", "family", "relay", "mailbox", "directory-feeds"}
    assert all(rule["to"] for spec in policies.values() for rule in spec.get("egress", []))


def test_options_are_off(least: list[Manifest]):
    """Without asking there is no scaling, no mailbox, no database and no bus."""
    kinds = {m["kind"] for m in least}

    assert not {"ScaledObject", "HorizontalPodAutoscaler"} & kinds
    assert "exbury-mailbox" not in dict(pod_specs(least))
    assert rendered(PLATFORM) == []
    platform = rendered(PLATFORM, *_ALL_PLATFORM)
    assert {m["kind"] for m in platform} == {
        "Cluster",
        "Kafka",
        "KafkaNodePool",
        "KafkaTopic",
        "KafkaUser",
    }


@pytest.mark.parametrize(
    "value",
    [
        "portl.replicas=2",
        "settings.smtp_pasword=x",
        "settings.smtp_password=x",
        "settings.environment=demonstration",
        "secrets.data.secret=x",
        "networkPolicy.database.to=null",
        "aggregation.keda.lagEach=0",
        "portal.replicas=0",
    ],
)
def test_a_value_that_is_none_is_refused(value: str):
    """By the schema, before anything is made."""
    said = said_by([helm(), "template", "exbury", str(CHART), "--set", value], fails=True)

    assert "values don't meet the specifications of the schema" in said


def test_charts_are_well_formed():
    """Helm's own linter."""
    said_by([helm(), "lint", "--strict", str(CHART), str(PLATFORM)])


def test_systemd_takes_the_units(tmp_path: Path):
    """With the secrets of a drop-in; the program itself need not be there."""
    analyze = of_the_machine("systemd-analyze")
    for path in (p for p in (DEPLOY / "systemd").iterdir() if p.is_file()):
        text = path.read_text().replace("/opt/tell-once/bin/tell-once ", "/bin/true ")
        (tmp_path / path.name).write_text(text)
    for unit in ("tell-once.service", "tell-once@portal.service"):
        folder = tmp_path / f"{unit}.d"
        folder.mkdir()
        shutil.copy(DEPLOY / "systemd/secrets.conf", folder)
        shutil.copy(DEPLOY / "systemd/tls.conf", folder)
    shutil.copy(tmp_path / "tell-once@.service", tmp_path / "tell-once@portal.service")
    units = sorted(str(p) for p in tmp_path.iterdir() if p.suffix in {".service", ".timer"})

    assert said_by([analyze, "verify", *units]) == ""


@pytest.mark.parametrize("place", ["server", "container"])
def test_nginx_takes_its_configuration(tmp_path: Path, place: str):
    """With a certificate that is nobody's."""
    nginx = of_the_machine("nginx")
    beside = tmp_path / "tell-once"
    shutil.copytree(DEPLOY / "proxy" / place, beside)
    shutil.copy(DEPLOY / "proxy/site.conf", beside)
    shutil.copy(DEPLOY / "proxy/nginx.conf", tmp_path)
    for path in beside.glob("*.conf"):
        path.write_text(re.sub(r"server [a-z]+:", "server 127.0.0.1:", path.read_text()))
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "1"),
            *("-keyout", "tls.key", "-out", "tls.crt", "-subj", "/CN=tell-once.example"),
        ],
        cwd=beside,
        check=True,
        capture_output=True,
    )
    shutil.copy(beside / "tls.crt", beside / "internal_ca.crt")

    said = said_by([nginx, "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")])

    assert "[warn]" not in said


def test_compose_takes_its_file(tmp_path: Path):
    """Where the machine has Docker's plugin."""
    docker = of_the_machine("docker")
    if subprocess.run([docker, "compose", "version"], check=False, capture_output=True).returncode:
        pytest.skip("there is no Docker Compose on this machine")
    settings = tmp_path / "env"
    settings.write_text("LEDGER_ORIGIN=exbury.example/ledger\nPUBLIC_URL=https://exbury.example\n")
    file = ("--file", str(DEPLOY / "compose.yaml"), "--env-file", str(settings))
    said_by([docker, "compose", *file, "--profile", "*", "config", "--quiet"])
