"""The whole state as the page draws it: codes for the words of the page, and the content of the visit."""

from __future__ import annotations

from typing import Any

from mnverify import Text
from samples.nfc_kiosk.compared import birth_as_printed
from samples.nfc_kiosk.findings import Findings, Row
from samples.nfc_kiosk.machine import Machine, seconds_left
from samples.nfc_kiosk.settings import Settings
from samples.nfc_kiosk.typed import Birth, Print
from samples.nfc_kiosk.visit import Visit
from samples.nfc_kiosk.words import Mode, State

STEPS = {
    Mode.FACE: (State.PRINTED, State.CONFIRM, State.PLACE_CARD, State.VERDICT),
    Mode.NUMBER: (State.PRINTED, State.CONFIRM, State.PLACE_CARD, State.VERDICT),
    Mode.AGE: (State.AGE_BIRTH, State.PLACE_CARD, State.AGE_VERDICT),
}
_SHOWN_AS = {State.READING: State.PLACE_CARD}


def view(machine: Machine, visit: Visit, settings: Settings, now: float, *, camera: dict[str, Any]) -> dict[str, Any]:
    """Everything that the page needs to draw the screen, whatever it had before."""
    state = machine.state
    drawn: dict[str, Any] = {
        "state": state.value,
        "mode": machine.mode.value,
        "visit": machine.visit,
        "outcome": machine.outcome.value if machine.outcome else None,
        "card_on": machine.cards > 0,
        "steps": _steps(machine),
        "silence": _silence(machine, settings, now),
        "camera": camera if state is State.PRINTED else {"kind": "none"},
    }
    if state is State.IDLE:
        drawn["modes"] = [mode.value for mode in settings.modes]
    if state is State.PROBLEM and machine.problem is not None:
        drawn["problem"] = {
            "code": machine.problem.value,
            "tries_left": machine.tries_left,
            "actions": [action.value for action in machine.actions],
        }
    if state is State.READING:
        drawn["reading"] = {"percent": machine.progress, "torn": machine.torn.value if machine.torn else None}
    if state in (State.PRINTED, State.CONFIRM, State.AGE_BIRTH):
        drawn["print"] = _print(machine, visit)
    if state is State.VERDICT and visit.findings is not None:
        drawn["verdict"] = _verdict(visit.findings) | {
            "same_person": machine.same_person,
            "print_photo": "print-photo" in visit.pictures,
            "number": visit.number is not None,
            "scanned": visit.scanned is not None,
        }
    if state is State.AGE_VERDICT:
        drawn["age"] = {"code": visit.age_code}
    return drawn


def _steps(machine: Machine) -> dict[str, Any]:
    steps = STEPS[machine.mode]
    state = machine.back_to if machine.state is State.PROBLEM else machine.state
    state = _SHOWN_AS.get(state, state)
    return {
        "names": [one.value for one in steps] if machine.in_visit else [],
        "at": steps.index(state) if state in steps else None,
    }


def _silence(machine: Machine, settings: Settings, now: float) -> dict[str, Any] | None:
    left = seconds_left(machine, now, settings.rules)
    if left is None or not machine.warned:
        return None
    return {"seconds": round(left)}


def _print(machine: Machine, visit: Visit) -> dict[str, Any]:
    """What was typed before, so that a page that comes anew has it too."""
    if machine.mode is Mode.AGE:
        return {"birth": _birth(visit.birth)}
    printed = visit.printed
    drawn: dict[str, Any] = {"birth": _birth(printed.birth if printed else None)}
    if printed is not None:
        drawn |= _typed(printed)
    if visit.number is not None and machine.state is not State.PRINTED:
        drawn["my_number_given"] = True
        drawn["from_code"] = visit.number_from_code
    return drawn


def _typed(printed: Print) -> dict[str, Any]:
    return {
        "expiry_year": str(printed.expiry_year),
        "security_code": str(printed.security_code),
        "birth_printed": _both(birth_as_printed(printed.birth)),
        "number_b": [str(printed.birth.digits), str(printed.expiry_year), str(printed.security_code)],
    }


def _birth(birth: Birth | None) -> dict[str, Any] | None:
    if birth is None:
        return None
    return {
        "era": birth.era,
        "year": str(birth.year),
        "month": str(birth.month or ""),
        "day": str(birth.day or ""),
    }


def _verdict(findings: Findings) -> dict[str, Any]:
    return {
        "rows": [_row(row) for row in findings.rows],
        "failed": [{"id": one, "code": code, "detail": _both(text)} for one, code, text in findings.failed],
        "limits": [_both(text) for text in findings.limits],
        "age": findings.age,
        "photo": findings.photo,
        "environment": findings.environment,
        "endpoint": findings.endpoint,
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "field": row.name,
        "chip": _both(row.chip),
        "chip_picture": row.chip_picture,
        "printed": _both(row.printed),
        "print_picture": row.print_picture,
        "outcome": row.outcome,
        "code": row.code,
        "detail": _both(row.detail),
        "assurance": row.assurance,
    }


def _both(text: Text | None) -> dict[str, str] | None:
    return {"en": str.__str__(text.en), "ja": str.__str__(text.ja)} if text is not None else None
