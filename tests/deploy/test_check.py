"""``serve --check`` takes the configurations that are shipped, on the files that the operator's guide says to make."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import tomllib
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
import requests

from mnverify.receipts.key_files import make_key
from tests.deploy.manifests import DEPLOY

CONFIGURATIONS = sorted(DEPLOY.glob("*/service.toml"))
PLACES = ("/run/keys", "/run/database", "/run/receipt-keys", "/var/lib/mnverify")


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "mnverify", *words], capture_output=True, text=True, check=False)


def lay_out(source: Path, folder: Path) -> Path:
    """The configuration, with its places in a folder of ours, and SQLite where it says PostgreSQL."""
    text = source.read_text("utf-8")
    for place in PLACES:
        (folder / place[1:]).mkdir(parents=True)
        text = text.replace(f'"{place}', f'"{folder}{place}').replace(
            f"sqlite:///{place}", f"sqlite:///{folder}{place}"
        )
    config: dict[str, Any] = tomllib.loads(text)
    if "database_file" in config:
        Path(config["database_file"]).write_text(f"sqlite:///{folder / 'test.db'}")
    secret = Path(config.get("secret_file", f"{config.get('keys_folder')}/secret"))
    secret.parent.mkdir(parents=True, exist_ok=True)
    secret.write_bytes(b64encode(secrets.token_bytes(32)))
    secret.chmod(0o600)
    make_key(config.get("receipt_keys", f"{config.get('keys_folder')}/receipt-keys"))
    made = folder / "service.toml"
    made.write_text(text, encoding="utf-8")
    return made


@pytest.mark.parametrize("source", CONFIGURATIONS, ids=lambda path: path.parent.name)
def test_the_configuration_is_taken(source: Path, tmp_path: Path) -> None:
    config = lay_out(source, tmp_path)
    if tomllib.loads(config.read_text()).get("migrate") is False:
        early = run("serve", "--check", "--config", str(config), "--json")
        assert early.returncode == 2, "an endpoint that does not migrate waits for the job"
        migrated = run("migrate", "--config", str(config))
        assert migrated.returncode == 0, migrated.stderr
    checked = run("serve", "--check", "--config", str(config), "--json")
    assert checked.returncode == 0, checked.stderr
    assert json.loads(checked.stdout) == {"ok": True, "environment": "production"}


@pytest.mark.parametrize("source", CONFIGURATIONS, ids=lambda path: path.parent.name)
def test_an_endpoint_starts_with_it(source: Path, tmp_path: Path) -> None:
    config = lay_out(source, tmp_path)
    run("migrate", "--config", str(config))
    command = [sys.executable, "-m", "mnverify", "serve", "--config", str(config), "--host", "127.0.0.1", "--port", "0"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    with process:
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            assert first, (tmp_path / "log").read_text()
            assert requests.get(f"{json.loads(first)['url']}/readyz", timeout=30).status_code == 200
        finally:
            process.terminate()
    assert process.returncode == 0


@pytest.mark.parametrize("source", CONFIGURATIONS, ids=lambda path: path.parent.name)
def test_no_key_is_made_where_one_is_missing(source: Path, tmp_path: Path) -> None:
    config = lay_out(source, tmp_path)
    run("migrate", "--config", str(config))
    [key] = tmp_path.rglob("receipt-key-*.json")
    key.unlink()
    checked = run("serve", "--check", "--config", str(config))
    assert checked.returncode == 2
    assert not list(tmp_path.rglob("receipt-key-*.json"))
