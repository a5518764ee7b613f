"""Write the recorded readings, tests/vectors/scripts/*.json. Usage: python -m tools.make_scripts [--check]

Each is a script (``NAME.json``, ``mnverify.script/1``) and what a reader has to make of it (``NAME.expected.json``). Cards and
holder are invented, keys and challenge fixed, so this writes the same bytes every time. What each comes to is stated by hand
in ``script_cases``; the generator stops where playing it does not agree.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mnverify.card import FaceCheck, InputAssist, LinkCapabilities, PartialReading, credential_from_text
from mnverify.errors import EvidenceError, LinkError, MnverifyError, RoleError
from mnverify.evidence import Evidence
from mnverify.readers import ReplayLink, Script
from mnverify.recording import Recorder
from mnverify.values.terms import CredentialKind, Purpose, Role
from mnverify.verification import verify
from mnverify.virtual import Limits, VirtualAuthority, VirtualCard, persona
from tests.support import forgery
from tools.script_cases import Meddle, ScriptCase, cases

FOLDER = Path(__file__).parent.parent / "tests" / "vectors" / "scripts"
AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
"""The moment that the results are for."""


class Wire:
    """A link to a card, over a reader that makes something else of its answers."""

    reader_name = "a reader"

    def __init__(self, card: VirtualCard, meddle: Meddle | None, known: LinkCapabilities | None) -> None:
        self.card, self.meddle = card, meddle
        self.capabilities = replace(known) if known is not None else LinkCapabilities()

    def transmit(self, command: bytes) -> bytes:
        answer = self.card.transmit(command)
        return answer if self.meddle is None else self.meddle(bytes(command), answer)

    def reset(self) -> None:
        self.card.reset()


def record(case: ScriptCase) -> Script:
    """The script of a reading.

    Raises:
        ValueError: the recorder could not play it again with the invented holder's card.
    """
    card = VirtualAuthority.laboratory().issue(persona(), limits=Limits(**case.limits))
    wire = Wire(card, case.meddle, case.known)
    recorder = Recorder(case.domain, case.kind, role=case.role, purposes=case.purposes)
    credential = credential_from_text(case.kind, case.presented or card.credentials[case.kind])
    with suppress(MnverifyError):
        recorder.read(wire, credential, trust=forgery.trust(), on_torn=(lambda error: wire) if case.goes_on else None)
    script = recorder.script()
    if not script.faithful:
        raise ValueError(f"{case.name}: {script.reason}")
    return replace(script, observed=(), faithful=None)  # which have times


def run(script: Script) -> dict[str, Any]:
    """What a reader makes of a script: sessions on one link, until one ends well or the script does.

    Raises:
        ValueError: not all of it was played.
    """
    link, partial = ReplayLink(script), PartialReading()
    for sessions in range(1, 1 + len(script.exchanges)):
        try:
            evidence = _read(script, link, partial)
        except LinkError as error:
            if not link.finished:
                continue
            return {"sessions": sessions, "error": _error(error)}
        except MnverifyError as error:
            return {"sessions": sessions, "error": _error(error)}
        if not link.finished:
            break
        result = verify(evidence, trust=forgery.trust(), at=AT, challenge=script.challenge)
        return {"sessions": sessions, "evidence": _stored(evidence), "result": result.to_dict()}
    raise ValueError("the script was not played to its end")


def _read(script: Script, link: ReplayLink, partial: PartialReading) -> Evidence:
    """One session, as ``mnverify.check.check_card`` has it."""
    opened: type[FaceCheck | InputAssist] = FaceCheck if script.domain == "face-check" else InputAssist
    kind, challenge = CredentialKind(script.credential), script.challenge
    credential = credential_from_text(kind, script.credential_value)
    with opened.open(link, role=Role(script.role), random=lambda _: challenge or b"") as session:
        if script.signs_first:
            session.recognise(partial, challenge)
        if partial.started:
            return session.resume(partial, credential)
        session.present(credential)
        return session.read(
            *map(Purpose, script.purposes), challenge=challenge, presence=challenge is not None, partial=partial
        )


def _stored(evidence: Evidence) -> dict[str, Any] | None:
    """The evidence as it may be kept, without time and reader; ``None`` where it may not."""
    try:
        document: dict[str, Any] = json.loads(evidence.to_json())
    except (RoleError, EvidenceError):
        return None
    return {name: value for name, value in document.items() if name not in ("read_at", "reader")}


def _error(error: MnverifyError) -> dict[str, Any]:
    tries_left = getattr(error, "tries_left", None)
    more = {} if tries_left is None else {"tries_left": tries_left}
    return {"class": type(error).__name__, "code": error.code, **more}


def expected_of(case: ScriptCase, script: Script) -> dict[str, Any]:
    """What playing the script comes to.

    Raises:
        ValueError: not what the case states.
    """
    came = run(script)
    error = came.get("error", {})
    if (came["sessions"], error.get("class"), error.get("tries_left")) != (case.sessions, case.error, case.tries_left):
        raise ValueError(f"{case.name}: came to {came['sessions']} sessions, {error}")
    return {"reason": case.reason, "at": AT.isoformat(), **came}


def texts() -> dict[str, str]:
    """The text of every file, by its name."""
    made: dict[str, str] = {}
    for case in cases():
        script = record(case)
        made[f"{case.name}.json"] = script.to_json()
        made[f"{case.name}.expected.json"] = json.dumps(expected_of(case, script), ensure_ascii=False, indent=1) + "\n"
    return made


def present() -> dict[str, str]:
    """The text of every file that is there."""
    return {path.name: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.json"))}


def main() -> None:
    """Write the files and remove others, or only say whether they are right."""
    wanted = texts()
    if "--check" in sys.argv[1:]:
        sys.exit(None if wanted == present() else "The scripts are not what the generator makes.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in present().keys() - wanted.keys():
        (FOLDER / name).unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, "utf-8")
    print(f"{len(wanted) // 2} scripts")


if __name__ == "__main__":
    main()
