"""The compose file: its form, as far as it is used here, and what the operator's guide promises of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.deploy.manifests import DEPLOY

FOLDER = DEPLOY / "compose"
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
# The members of the Compose specification that are used, and what they hold.
SERVICE_FORM = {
    "image": str,
    "build": dict,
    "restart": str,
    "user": str,
    "read_only": bool,
    "cap_drop": list,
    "cap_add": list,
    "security_opt": list,
    "tmpfs": list,
    "volumes": list,
    "networks": list,
    "mem_limit": str,
    "pids_limit": int,
    "stop_grace_period": str,
    "healthcheck": dict,
    "depends_on": dict,
    "command": list,
    "environment": dict,
    "secrets": list,
    "ports": list,
}
HEALTH_FORM = {"test": list, "interval": str, "timeout": str, "retries": int, "start_period": str, "disable": bool}
CONDITIONS = {"service_healthy", "service_completed_successfully"}


def test_the_form() -> None:
    assert set(COMPOSE) == {"name", "services", "networks", "volumes", "secrets"}
    for name, service in SERVICES.items():
        assert service.keys() <= SERVICE_FORM.keys(), name
        for member, value in service.items():
            assert type(value) is SERVICE_FORM[member], f"{name}.{member}"
        for member, value in service.get("healthcheck", {}).items():
            assert type(value) is HEALTH_FORM[member], f"{name}.healthcheck.{member}"
        assert set(service["networks"]) <= COMPOSE["networks"].keys()
        assert set(service.get("secrets", [])) <= COMPOSE["secrets"].keys()
        for other, how in service.get("depends_on", {}).items():
            assert other in SERVICES
            assert how["condition"] in CONDITIONS
            assert how["condition"] != "service_healthy" or SERVICES[other]["healthcheck"].get("test")


def test_what_is_mounted_is_in_the_repository_or_the_operators() -> None:
    operators = ("./keys/", "./tls")
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert source.startswith(operators) or (FOLDER / source).exists(), source
                assert volume.endswith(":ro"), volume
            else:
                assert source in COMPOSE["volumes"]
    build = SERVICES["endpoint"]["build"]
    assert ((FOLDER / build["context"]).resolve() / build["dockerfile"]).is_file()


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_can_change_itself_or_gain_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert SERVICES["proxy"]["ports"] == ["443:443"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert COMPOSE["networks"]["storage"] == {"internal": True}
    assert "storage" not in SERVICES["proxy"]["networks"]
    for name in ("endpoint", "migrate"):
        assert SERVICES[name]["user"] == "10001:10001"
        assert SERVICES[name]["cap_drop"] == ["ALL"]


def test_no_password_in_the_file() -> None:
    text = (FOLDER / "compose.yaml").read_text("utf-8")
    assert SERVICES["database"]["environment"].keys() == {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD_FILE"}
    assert not re.search(r"(?i)password[ \t]*[:=][ \t]*\S", text)
    assert "postgresql://" not in text


def test_the_proxy_lets_in_what_relying_parties_need() -> None:
    caddy = (FOLDER / "Caddyfile").read_text("utf-8")
    assert caddy.count("{") == caddy.count("}")
    [public] = re.findall(r"@public path (.+)", caddy)
    assert public.split() == ["/v1/*", "/.well-known/jwks.json", "/healthz"]
    assert "respond 404" in caddy
    assert "reverse_proxy endpoint:8080" in caddy
    assert "max_size 80KB" in caddy
