"""Kubernetes objects against the published models (lightkube-models): no key unknown, none missing, every value of its type."""

from __future__ import annotations

import importlib
import types
import typing
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
KINDS = {
    ("v1", "Namespace"): "core_v1",
    ("v1", "Service"): "core_v1",
    ("v1", "ConfigMap"): "core_v1",
    ("apps/v1", "Deployment"): "apps_v1",
    ("batch/v1", "Job"): "batch_v1",
    ("networking.k8s.io/v1", "Ingress"): "networking_v1",
    ("networking.k8s.io/v1", "NetworkPolicy"): "networking_v1",
    ("policy/v1", "PodDisruptionBudget"): "policy_v1",
}


def documents(path: Path) -> list[dict[str, Any]]:
    """The objects in a file."""
    return [document for document in yaml.safe_load_all(path.read_text("utf-8")) if document is not None]


def faults(document: dict[str, Any]) -> list[str]:
    """What is wrong with an object."""
    kind = document.get("apiVersion", ""), document.get("kind", "")
    if kind not in KINDS:
        return [f"{kind}: not a kind that is used here"]
    model = getattr(importlib.import_module(f"lightkube.models.{KINDS[kind]}"), kind[1])
    return list(_object(document, model, kind[1]))


def _object(value: Any, model: Any, where: str) -> typing.Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: not an object"
        return
    hints = {name.rstrip("_"): hint for name, hint in typing.get_type_hints(model).items()}
    for name in value.keys() - hints.keys():
        yield f"{where}.{name}: unknown"
    for name, hint in hints.items():
        if name in value:
            yield from _value(value[name], hint, f"{where}.{name}")
        elif type(None) not in typing.get_args(hint):
            yield f"{where}.{name}: missing"


def _value(value: Any, hint: Any, where: str) -> typing.Iterator[str]:
    origin, options = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        found = [list(_value(value, option, where)) for option in options if option is not type(None)]
        if all(found):
            yield from found[0]
    elif origin is list:
        yield from _items(value, options[0], where)
    elif origin is dict:
        if not isinstance(value, dict) or not all(isinstance(one, options[1]) for one in value.values()):
            yield f"{where}: not a map of {options[1].__name__}"
    elif hint in (str, int, float, bool):
        if type(value) is not hint:
            yield f"{where}: not of type {hint.__name__}"
    elif isinstance(hint, type) and hint.__module__.startswith("lightkube.models") and typing.get_type_hints(hint):
        yield from _object(value, hint, where)


def _items(value: Any, hint: Any, where: str) -> typing.Iterator[str]:
    if not isinstance(value, list):
        yield f"{where}: not a list"
        return
    for number, one in enumerate(value):
        yield from _value(one, hint, f"{where}[{number}]")
