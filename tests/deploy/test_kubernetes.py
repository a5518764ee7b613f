"""The manifests are what Kubernetes knows, and say what the operator's guide promises."""

from __future__ import annotations

import copy
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.manifests import DEPLOY, documents, faults

FOLDER = DEPLOY / "kubernetes"
FILES = sorted(path for path in FOLDER.rglob("*.yaml") if path.name != "kustomization.yaml")
DEPLOYMENT = documents(FOLDER / "deployment.yaml")[0]
JOB = documents(FOLDER / "migration" / "job.yaml")[0]


def name_of(path: Path) -> str:
    return str(path.relative_to(FOLDER))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_object_has_the_form_of_its_kind(path: Path) -> None:
    found = documents(path)
    assert found
    for document in found:
        assert faults(document) == []


def test_the_check_sees_faults() -> None:
    spoilt = copy.deepcopy(DEPLOYMENT)
    container = spoilt["spec"]["template"]["spec"]["containers"][0]
    container["livnessProbe"] = container.pop("livenessProbe")
    container["securityContext"]["readOnlyRootFilesystem"] = "yes"
    del container["volumeMounts"][0]["mountPath"]
    spoilt["spec"]["replicas"] = "2"
    assert sorted(fault.rpartition("]")[2].rpartition(".spec")[2] for fault in faults(spoilt)) == [
        ".livnessProbe: unknown",
        ".mountPath: missing",
        ".replicas: not of type int",
        ".securityContext.readOnlyRootFilesystem: not of type bool",
    ]


@pytest.mark.parametrize("folder", [FOLDER, FOLDER / "migration"], ids=name_of)
def test_kustomize_builds_objects_of_that_form(folder: Path) -> None:
    program = shutil.which("kubectl") or shutil.which("kustomize")
    if program is None:
        pytest.skip("neither kubectl nor kustomize is here")
    words = [program, "kustomize"] if program.endswith("kubectl") else [program, "build"]
    built = subprocess.run([*words, str(folder)], capture_output=True, text=True, check=True)
    found = [document for document in yaml.safe_load_all(built.stdout) if document is not None]
    assert len(found) >= 2
    for document in found:
        assert faults(document) == []
        assert document["metadata"].get("namespace", "mnverify") == "mnverify"


@pytest.mark.parametrize("folder", [FOLDER, FOLDER / "migration"], ids=name_of)
def test_kustomization_names_every_file(folder: Path) -> None:
    [kustomization] = documents(folder / "kustomization.yaml")
    here = {path.name for path in folder.iterdir() if path.suffix == ".yaml"} - {"kustomization.yaml"}
    assert set(kustomization["resources"]) == here
    assert all((folder / name).is_file() for name in kustomization["configMapGenerator"][0]["files"])


def test_two_replicas_that_are_probed_and_kept_apart() -> None:
    spec = DEPLOYMENT["spec"]
    assert spec["replicas"] == 2
    assert spec["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    [container] = spec["template"]["spec"]["containers"]
    probes = {name: container[name]["httpGet"]["path"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert probes == {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}
    assert spec["template"]["spec"]["topologySpreadConstraints"]
    [budget] = documents(FOLDER / "disruption-budget.yaml")
    assert budget["spec"]["minAvailable"] == 1


@pytest.mark.parametrize("document", [DEPLOYMENT, JOB], ids=["deployment", "job"])
def test_pods_may_do_nothing_but_their_work(document: dict[str, Any]) -> None:
    pod = document["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    [container] = pod["containers"]
    security = container["securityContext"]
    assert security == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "memory" in container["resources"]["limits"]
    assert not container.get("env"), "secrets come as files"
    mounts = {mount["name"]: mount for mount in container["volumeMounts"]}
    for volume in pod["volumes"]:
        mount = mounts.pop(volume["name"])
        if "secret" in volume:
            assert volume["secret"]["defaultMode"] == 0o440
        assert ("emptyDir" in volume) is not mount.get("readOnly", False)
    assert mounts == {}


def test_the_job_migrates_with_the_configuration_of_the_endpoint() -> None:
    assert JOB["spec"]["template"]["spec"]["containers"][0]["args"][0] == "migrate"
    assert (FOLDER / "service.toml").read_text() == (FOLDER / "migration" / "service.toml").read_text()


def test_outside_reaches_no_metrics() -> None:
    [ingress] = documents(FOLDER / "ingress.yaml")
    paths = [path["path"] for rule in ingress["spec"]["rules"] for path in rule["http"]["paths"]]
    assert paths == ["/v1", "/.well-known/jwks.json"]
    assert ingress["spec"]["tls"]
