"""What the other languages are held to is what Python does now."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mnverify.profile import PRESENT_CARD
from mnverify.values.terms import Domain, Role
from tools import make_binding_data
from tools.bindings import gate, mutations

FOLDER = make_binding_data.FOLDER
STRIDE = 97  # of a sweep's plain refusals so many are left out, and one is asked again


def document(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / name).read_bytes())
    return found


def test_every_file_has_a_maker() -> None:
    assert {path.name for path in FOLDER.glob("*.json")} == set(make_binding_data.DOCUMENTS)


@pytest.mark.parametrize("name", sorted({*make_binding_data.DOCUMENTS} - {"gate-decisions.json", "mutations.json"}))
def test_a_file_is_what_the_generator_makes(name: str) -> None:
    made = make_binding_data.text_of(make_binding_data.DOCUMENTS[name]())
    assert (FOLDER / name).read_text("utf-8") == made


@pytest.mark.parametrize("quarter", range(4))
def test_mutations_come_to_what_is_written(quarter: int) -> None:
    written = document("mutations.json")
    vectors = mutations.vectors()
    assert written["each"] == mutations.EACH and written["words"] == list(mutations.WORDS)
    assert written["outcomes"].keys() == vectors.keys()
    assert written["count"] == mutations.EACH * len(vectors) >= 20_000
    for name in sorted(vectors)[quarter::4]:
        lines = mutations.outcomes(name, vectors[name])
        assert written["outcomes"][name] == "".join(map(mutations.digits_of, lines)), name


def test_mutations_reach_every_kind_of_outcome() -> None:
    vectors = mutations.vectors()
    names = [*sorted(vectors)[:40], "attributes", "my-number"]
    first = {
        line.split(" ")[0] for name in names if name in vectors for line in mutations.outcomes(name, vectors[name])
    }
    assert first == {"verified", "rejected", "EvidenceError", "UnsupportedCard", "RoleError"}


@pytest.mark.parametrize("domain", Domain)
def test_the_gates_sweeps_and_states_are_those_of_the_generator(domain: Domain) -> None:
    written = document("gate-decisions.json")["domains"][domain]
    assert written["states"] == {name: [list(step) for step in steps] for name, steps in gate.states(domain).items()}
    swept = list(gate.sweeps(domain))
    assert written["listed"] == next(commands for _, form, commands in swept if not form)
    for role in Role:
        told = [(one["state"], one["form"] or "") for one in written["roles"][role]]
        assert told == [(state, form) for state, form, _ in swept]


@pytest.mark.parametrize("domain", Domain)
@pytest.mark.parametrize("role", Role)
def test_the_gate_decides_as_it_is_written(domain: Domain, role: Role) -> None:
    """All of what may pass and what another role may, their neighbours, and a part of the plain refusals."""
    written = document("gate-decisions.json")["domains"][domain]
    listed = [bytes.fromhex(command) for command in written["listed"]]
    for number, sweep in enumerate(written["roles"][role]):
        commands = list(gate.commands_of(sweep["form"])) if sweep["form"] else listed
        expected = [gate.REFUSED] * len(commands)
        asked = set(range(number, len(commands), STRIDE if sweep["form"] else 1))
        for first, many, which in sweep["decisions"]:
            expected[first : first + many] = [which] * many
            asked |= {max(first - 1, 0), min(first + many, len(commands) - 1)} | set(
                range(first, first + many, 1 + many // 512)
            )
        one = gate.gate_in(domain, role, written["states"][sweep["state"]])
        wrong = [at for at in sorted(asked) if gate.quick_decision(one, commands[at]) != expected[at]]
        assert not wrong, (sweep["state"], sweep["form"], wrong[:5])
        one.close()


@pytest.mark.parametrize("domain", Domain)
def test_the_quick_decision_is_the_gates_own(domain: Domain) -> None:
    for state, steps in gate.states(domain).items():
        one = gate.gate_in(domain, Role.GENERAL, steps)
        listed = next(commands for _, form, commands in gate.sweeps(domain) if not form)
        for command in map(bytes.fromhex, listed[::7]):
            assert gate.quick_decision(one, command) == gate.decision(one, command), (state, command.hex())
        one.close()


def test_what_may_pass_is_little_and_the_profiles() -> None:
    """A sweep over all classes and instructions lets through one of them; over all files the profile's own."""
    for domain, rules in PRESENT_CARD.domains.items():
        written = document("gate-decisions.json")["domains"][domain]
        for role in Role:
            for sweep in written["roles"][role]:
                allowed = [
                    at for first, many, which in sweep["decisions"] for at in range(first, first + many) if which == "+"
                ]
                if sweep["form"] and sweep["form"].startswith("****"):
                    assert len(allowed) == 1
                if sweep["form"] == "00a4020c02****":
                    keys = {int(key.key_id, 16) for key in rules.keys_for(role).values()}
                    assert set(allowed) == {int(name, 16) for name in rules.files_for(role)} | keys
