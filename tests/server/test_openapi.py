"""The OpenAPI document is current, its examples fit its schemas, and the service does what it says (schemathesis)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from mnverify.server.envelopes import read_challenge_request, read_verification_request
from tests.server.endpoint import Endpoint, Key
from tools import openapi

DOCUMENT: dict[str, Any] = json.loads(openapi.PATH.read_text("utf-8"))
CONFIG = str(openapi.PATH.parents[1] / "schemathesis.toml")
EXAMPLES = 25
"""Of each operation and phase: what the time of a test run allows; SCHEMATHESIS_EXAMPLES asks for more."""


def test_the_file_is_current() -> None:
    assert openapi.PATH.read_text("utf-8") == openapi.text(), "run: python -m tools.openapi"


def _examples() -> list[tuple[str, dict[str, Any], Any]]:
    found: list[tuple[str, dict[str, Any], Any]] = []

    def walk(node: Any, where: str) -> None:
        if isinstance(node, dict):
            if "schema" in node:
                if "example" in node:
                    found.append((where, node["schema"], node["example"]))
                named = node.get("examples", {}).items()
                found.extend((f"{where} {name}", node["schema"], example["value"]) for name, example in named)
            for key, value in node.items():
                walk(value, f"{where}/{key}")
        elif isinstance(node, list):
            for at, value in enumerate(node):
                walk(value, f"{where}/{at}")

    walk(DOCUMENT["paths"], "")
    walk(DOCUMENT["components"]["responses"], "responses")
    return found


@pytest.mark.parametrize("where", [where for where, _, _ in _examples()])
def test_examples_fit_their_schemas(where: str) -> None:
    schema, example = next((schema, example) for name, schema, example in _examples() if name == where)
    whole = {**schema, "components": DOCUMENT["components"]}
    jsonschema_rs.validator_for(whole, validate_formats=True).validate(example)


def test_every_answer_with_a_body_has_an_example() -> None:
    for path in DOCUMENT["paths"].values():
        for operation in path.values():
            for answer in operation["responses"].values():
                for media_type, content in answer.get("content", {}).items():
                    assert "example" in content or media_type == "text/plain"


def test_the_examples_of_requests_are_taken() -> None:
    bodies = [
        operation["requestBody"]["content"]["application/json"]["example"]
        for path in DOCUMENT["paths"].values()
        for operation in path.values()
        if "requestBody" in operation
    ]
    challenge, verification = (json.dumps(body).encode() for body in bodies)
    assert read_challenge_request(challenge).expires_in == 300
    assert read_verification_request(verification).claims == ("birth_date",)


def test_the_service_does_what_the_document_says(endpoint: Endpoint, key: Key, tmp_path: Path) -> None:
    examples = os.environ.get("SCHEMATHESIS_EXAMPLES", str(EXAMPLES))
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "--config-file",
        CONFIG,
        "run",
    ]
    command += [str(openapi.PATH), "--url", endpoint.url, "-H", f"Authorization: Bearer {key.key}", "--no-color"]
    command += [
        "--checks",
        "all",
        "-n",
        examples,
        "--seed",
        "1",
        "--workers",
        "1",
        "--phases",
        "examples,coverage,fuzzing",
        "--suppress-health-check",
        "too_slow",  # time is no reason to fail: the machine has others to serve
        "--request-timeout",
        "60",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "No issues found" in done.stdout or " passed" in done.stdout, done.stdout[-2000:]
    assert '"event":"failed"' not in endpoint.log
