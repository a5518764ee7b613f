"""Keys, rates, audit, purge, anchors and receipt keys while the service runs; what the operator sees of it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mnverify.receipts.key_files import activate_key, make_key
from tests.server.certificates import certificate_files
from tests.server.endpoint import Endpoint, Key, add_key, keys_at, mnverify, query, until
from tests.server.phone import authority, evidence_for


def test_rotation_overlaps_and_revocation_is_at_once(database: str, tmp_path: Path) -> None:
    made = mnverify("keys", "add", "bank", "--role", "general", "--database", database, *keys_at(database))
    assert {"id", "key", "relying_party"} <= made.keys()
    old = Key(made["id"], made["key"])
    with Endpoint(database, folder=tmp_path) as endpoint:
        challenge = endpoint.challenge(old)
        told = mnverify("keys", "rotate", old.id, "--overlap-hours", "1", "--database", database, *keys_at(database))
        new = Key(told["id"], told["key"])
        assert endpoint.post("/v1/verifications", new, json=endpoint.body(challenge)).status_code == 200
        assert endpoint.challenge(old) and endpoint.challenge(new)
        waiting = endpoint.challenge(old)
        mnverify("keys", "revoke", old.id, "--json", "--database", database, *keys_at(database))
        late = endpoint.post(
            "/v1/verifications", old, json=endpoint.body(waiting)
        )  # the process may know the key still
        assert (late.status_code, late.json()["code"]) == (401, "key-refused")
        assert until(lambda: endpoint.post("/v1/challenges", old, json={}).status_code == 401)
        assert endpoint.post("/v1/verifications", new, json=endpoint.body(waiting)).status_code == 200
    listed = mnverify("keys", "list", "--json", "--database", database, *keys_at(database))["keys"]
    assert {key["id"]: key["state"] for key in listed} == {old.id: "revoked", new.id: "in-force"}
    assert "mnv_" not in json.dumps(listed)


def test_what_is_stored_of_a_key_is_a_keyed_hash(endpoint: Endpoint, key: Key) -> None:
    import hashlib

    stored = Path(endpoint.database.removeprefix("sqlite:///")).read_bytes()
    secret = key.key.split("_", 2)[2]  # in which there may be more of them
    for kept in (secret, hashlib.sha256(key.key.encode()).hexdigest(), hashlib.sha256(secret.encode()).hexdigest()):
        assert kept.encode() not in stored


def test_the_rate_holds_over_processes(database: str, tmp_path: Path) -> None:
    key = add_key(database, rate="30")
    with Endpoint(database, folder=tmp_path) as one, Endpoint(database, folder=tmp_path) as other:
        began = time.monotonic()
        statuses = [
            endpoint.post("/v1/challenges", key, json={}).status_code for _ in range(30) for endpoint in (one, other)
        ]
        earned = int((time.monotonic() - began) / 2) + 1  # one in two seconds
    assert 30 <= statuses.count(201) <= 30 + earned
    assert set(statuses) == {201, 429}


def _tampered(lines: list[str], how: str) -> list[str]:
    middle = len(lines) // 2
    document = json.loads(lines[middle])
    if how == "changed":
        document["entry"] = document["entry"].replace("verified", "rejected")
        return [*lines[:middle], json.dumps(document), *lines[middle + 1 :]]
    if how == "chained anew without the secret":
        document["hash"] = "0" * 64
        return [*lines[:middle], json.dumps(document), *lines[middle + 1 :]]
    return {
        "one removed": [*lines[:middle], *lines[middle + 1 :]],
        "last removed": lines[:-1],
        "first removed": [lines[0], *lines[2:]],
        "head removed": lines[1:],
        "two swapped": [*lines[:middle], lines[middle + 1], lines[middle], *lines[middle + 2 :]],
        "one twice": [*lines[:middle], lines[middle], *lines[middle:]],
        "all removed": lines[:1],
        "empty": [],
        "garbage": [*lines[:middle], "{", *lines[middle:]],
    }[how]


@pytest.fixture(scope="module")
def exported(endpoint: Endpoint, key: Key, place: Path) -> list[str]:
    """An audit trail of some length."""
    for _ in range(4):
        assert endpoint.verify(key).status_code == 200
    told = mnverify("audit", "export", "--json", "-o", str(place / "audit.jsonl"), "--database", endpoint.database)
    lines = (place / "audit.jsonl").read_text().splitlines()
    assert told["entries"] == len(lines) - 1 >= 5
    return lines


def _verify_audit(endpoint: Endpoint, lines: list[str], path: Path) -> dict[str, Any]:
    path.write_text("".join(line + "\n" for line in lines))
    return mnverify("audit", "verify", str(path), "--json", "--database", endpoint.database)


def test_an_export_is_whole(endpoint: Endpoint, exported: list[str], tmp_path: Path) -> None:
    assert _verify_audit(endpoint, exported, tmp_path / "a") == {"whole": True, "findings": []}
    told = "".join(json.loads(line).get("entry", "") for line in exported)
    for never in ("佐藤", "1985-07-03", "reference"):  # whole: a year alone may stand in an id by chance
        assert never not in told


@pytest.mark.parametrize(
    "how",
    [
        "changed",
        "chained anew without the secret",
        "one removed",
        "last removed",
        "first removed",
        "head removed",
        "two swapped",
        "one twice",
        "all removed",
        "empty",
        "garbage",
    ],
)
def test_a_changed_or_removed_line_is_found(endpoint: Endpoint, exported: list[str], tmp_path: Path, how: str) -> None:
    told = _verify_audit(endpoint, _tampered(exported, how), tmp_path / "a")
    assert told["whole"] is False and told["findings"], how


def test_tampering_in_the_database_is_found_too(database: str, tmp_path: Path) -> None:
    key = add_key(database)
    with Endpoint(database, folder=tmp_path) as endpoint:
        for _ in range(3):
            endpoint.verify(key)
    command = ("audit", "verify", "--json", "--database", database, *keys_at(database))
    assert mnverify(*command)["whole"]
    last = query(database, "SELECT max(seq) FROM audit")[0][0]
    query(database, f"DELETE FROM audit WHERE seq = {last}")
    assert [finding["code"] for finding in mnverify(*command)["findings"]] == ["end-missing"]
    before = query(database, f"SELECT hash FROM audit WHERE seq = {last - 1}")[0][0]
    query(database, f"UPDATE audit_head SET seq = {last - 1}, hash = '{before}'")
    assert "head-changed" in [finding["code"] for finding in mnverify(*command)["findings"]]


def test_purging_keeps_what_its_purpose_may_keep(database: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        add_key(database, name, at=datetime.now(UTC) - timedelta(days=10))
    key = add_key(database)
    old = int((time.time() - 10 * 86_400) * 1000)
    with Endpoint(database, folder=tmp_path) as endpoint:
        ids = {}
        for purpose in ("short", "long", "other"):
            challenge = endpoint.challenge(key, purpose=purpose)
            ids[purpose] = endpoint.post("/v1/verifications", key, json=endpoint.body(challenge)).json()["id"]
        endpoint.challenge(key)
        query(database, f"UPDATE verifications SET at = {old}")
        query(database, f"UPDATE challenges SET expires_at = {old}")
        config = tmp_path / "service.toml"
        config.write_text('audit_days = 5\n[retention_days]\ndefault = 30\nshort = 5\n"long" = 3650\n')
        told = mnverify("purge", "--json", "--config", str(config), "--database", database, *keys_at(database))
        assert (told["verifications"], told["challenges"], told["expired"], told["audit"]) == (1, 4, 1, 2)
        statuses = {purpose: endpoint.get(f"/v1/verifications/{one}", key).status_code for purpose, one in ids.items()}
        assert statuses == {"short": 404, "long": 200, "other": 200}
        age = [
            line for line in endpoint.get("/metrics").text.splitlines() if line.startswith("mnverify_last_purge_age")
        ]
        assert float(age[0].split()[1]) < 30
    assert mnverify("audit", "verify", "--json", "--database", database, *keys_at(database))["whole"]


def test_the_service_purges_by_itself(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'service.db'}"
    key = add_key(database)
    with Endpoint(database, "--purge-interval-seconds", "1", folder=tmp_path) as endpoint:
        told = endpoint.verify(key).json()
        query(database, "UPDATE verifications SET at = 1")
        assert until(lambda: endpoint.get(f"/v1/verifications/{told['id']}", key).status_code == 404)
        assert until(lambda: '"event":"purged"' in endpoint.log)  # told after it was committed


def test_anchors_are_replaced_without_a_restart(tmp_path: Path) -> None:
    database, anchors = f"sqlite:///{tmp_path / 'service.db'}", tmp_path / "anchors.json"
    good = json.dumps(authority().trust_anchors())
    other = {**authority().trust_anchors(), "anchors": []}
    anchors.write_text(json.dumps(other))
    key = add_key(database)
    with Endpoint(database, "--reload-seconds", "0.2", folder=tmp_path, trust=str(anchors)) as endpoint:
        assert endpoint.verify(key).json()["verdict"] == "rejected"
        body, repeat = endpoint.body(endpoint.challenge(key)), {"Idempotency-Key": "k"}
        assert endpoint.post("/v1/verifications", key, json=body, headers=repeat).json()["verdict"] == "rejected"
        (tmp_path / "new").write_text(good)
        os.replace(tmp_path / "new", anchors)
        assert until(lambda: endpoint.get("/v1/trust-anchors", key).json()["environment"] == "virtual")
        assert endpoint.verify(key).json()["verdict"] == "verified"
        again = endpoint.post("/v1/verifications", key, json=body, headers=repeat)  # it would be judged differently now
        assert (again.status_code, again.json()["code"]) == (409, "answer-changed")
        anchors.write_text("{")  # half written: what was in force stays in force
        assert until(lambda: _refused_anchors(endpoint) > 0)  # the file may be looked at while it is empty, too
        assert endpoint.verify(key).json()["verdict"] == "verified"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_anchors_that_are_in_force_no_more_are_told_as_none(tmp_path: Path, workers: str) -> None:
    anchors = tmp_path / "anchors.json"
    anchors.write_text(json.dumps(authority().trust_anchors()))
    database, options = f"sqlite:///{tmp_path / 'service.db'}", ("--reload-seconds", "0.2", "--workers", workers)
    add_key(database)
    with Endpoint(database, *options, folder=tmp_path, trust=str(anchors)) as endpoint:
        told = 'mnverify_trust_anchors{environment="virtual"} '
        assert f"{told}2.0" in endpoint.get("/metrics").text
        (tmp_path / "new").write_text(json.dumps({**authority().trust_anchors(), "anchors": []}))
        os.replace(tmp_path / "new", anchors)
        assert until(lambda: f"{told}0.0" in endpoint.get("/metrics").text)
        assert all(line.startswith("{") for line in endpoint.log.splitlines()), endpoint.log


def test_receipt_keys_are_rotated_without_a_restart(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'service.db'}"
    folder = tmp_path / "service.db-keys" / "receipt-keys"
    key = add_key(database)
    with Endpoint(database, "--reload-seconds", "0.2", folder=tmp_path) as endpoint:
        before = _kid(endpoint.verify(key).json()["receipt"])
        coming = make_key(folder)
        assert until(lambda: len(endpoint.get("/.well-known/jwks.json").json()["keys"]) == 2)
        assert _kid(endpoint.verify(key).json()["receipt"]) == before
        activate_key(folder, coming.kid)
        assert until(lambda: _kid(endpoint.verify(key).json()["receipt"]) == coming.kid)
        published = {one["kid"] for one in endpoint.get("/.well-known/jwks.json").json()["keys"]}
        assert published == {before, coming.kid}  # old receipts stay verifiable


def _refused_anchors(endpoint: Endpoint) -> float:
    name = "mnverify_trust_anchors_refused_total "
    return sum(
        float(line.removeprefix(name)) for line in endpoint.get("/metrics").text.splitlines() if line.startswith(name)
    )


def _kid(receipt: str) -> str:
    head = receipt.partition(".")[0]
    return str(json.loads(b64decode(head.replace("-", "+").replace("_", "/") + "==="))["kid"])


def test_keys_are_never_made_again_for_a_database_that_had_some(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'service.db'}"
    add_key(database)
    shutil.rmtree(tmp_path / "service.db-keys")
    done = _serve_check(database)
    assert done.returncode == 2 and "secret" in done.stderr and not (tmp_path / "service.db-keys").exists()
    mnverify("migrate", "--json", "--database", f"sqlite:///{tmp_path / 'other.db'}")
    add_key(f"sqlite:///{tmp_path / 'other.db'}")
    shutil.copytree(tmp_path / "other.db-keys", tmp_path / "service.db-keys")
    done = _serve_check(database)
    assert done.returncode == 2 and "not the secret" in done.stderr
    named = _serve_check(f"sqlite:///{tmp_path / 'third.db'}", "--keys-folder", str(tmp_path / "named"))
    assert named.returncode == 2 and not (tmp_path / "named").exists()  # a folder that is named has to be there


def _serve_check(database: str, *more: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "mnverify",
        "serve",
        "--check",
        "--trust",
        "virtual",
        "--database",
        database,
        *more,
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.jp"])
def test_a_public_address_without_tls_is_refused(tmp_path: Path, host: str) -> None:
    database = f"sqlite:///{tmp_path / 'service.db'}"
    done = _serve_check(database, "--host", host)
    assert done.returncode == 2 and "TLS" in done.stderr and not (tmp_path / "service.db").exists()
    assert _serve_check(database, "--host", host, "--behind-proxy").returncode == 0


def test_several_processes_tell_one_set_of_metrics_and_end_when_told(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'service.db'}"
    key = add_key(database, "bank", "general", "--purpose", "account-opening")
    with Endpoint(database, "--workers", "2", folder=tmp_path) as endpoint:
        for _ in range(10):
            endpoint.session.close()  # another connection may come to another process
            assert endpoint.verify(key).status_code == 200
        lines = endpoint.get("/metrics").text.splitlines()
        assert 'mnverify_challenges_used_total{purpose="account-opening"} 10.0' in lines
        verdicts = 'domain="face-check",purpose="account-opening",role="general",verdict="verified"'
        assert f"mnverify_verifications_total{{{verdicts}}} 10.0" in lines
        assert any(line.startswith("mnverify_checks_total{") and 'check="presence"' in line for line in lines)
        assert endpoint.stop() == 0


def test_requests_under_way_are_finished_before_the_end(tmp_path: Path) -> None:
    import socket

    database = f"sqlite:///{tmp_path / 'service.db'}"
    key = add_key(database)
    with Endpoint(database, folder=tmp_path) as endpoint:
        host, _, port = endpoint.url.removeprefix("http://").rpartition(":")
        content = json.dumps(endpoint.body(endpoint.challenge(key))).encode()
        with socket.create_connection((host, int(port))) as connection:
            head = f"POST /v1/verifications HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key.key}\r\n"
            connection.sendall(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content[:-5])
            assert until(lambda: _in_flight(endpoint) >= 2)  # this one, and the question itself
            endpoint.session.close()
            endpoint.process.send_signal(signal.SIGTERM)
            time.sleep(0.2)
            connection.sendall(content[-5:])
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        assert endpoint.process.wait(30) == 0


def _in_flight(endpoint: Endpoint) -> float:
    name = "mnverify_requests_in_flight "
    lines = endpoint.get("/metrics").text.splitlines()
    return next(float(line.removeprefix(name)) for line in lines if line.startswith(name))


def test_a_purpose_that_nobody_set_is_no_label(endpoint: Endpoint, key: Key) -> None:
    endpoint.challenge(key, purpose="made-up-4711")
    assert "made-up-4711" not in endpoint.get("/metrics").text


def test_a_general_key_cannot_be_used_for_another_partys_evidence_of_the_same_card(
    endpoint: Endpoint, key: Key
) -> None:
    challenge = endpoint.challenge(key)
    other = endpoint.challenge(key)
    evidence = evidence_for(b64decode(other["challenge"]))
    told = endpoint.post("/v1/verifications", key, json={"challenge_id": challenge["id"], "evidence": evidence}).json()
    assert told["verdict"] == "rejected"
    assert {check["id"]: check["outcome"] for check in told["checks"]}["freshness"] == "fail"


def test_the_service_does_tls_itself_where_it_is_told_to(tmp_path: Path) -> None:
    import requests

    certificate, key_file = certificate_files(tmp_path)
    database = f"sqlite:///{tmp_path / 'service.db'}"
    options = ("--host", "localhost", "--tls-certificate", str(certificate), "--tls-key", str(key_file))
    with Endpoint(database, *options, folder=tmp_path) as endpoint:
        assert endpoint.url.startswith("https://localhost:")
        assert requests.get(f"{endpoint.url}/readyz", verify=str(certificate), timeout=30).status_code == 200
