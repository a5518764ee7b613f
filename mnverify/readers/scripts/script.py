"""Scripts of readings, ``mnverify.script/1``: what was sent and answered, with an invented holder. JSON, strict on the way in.

Every byte of a script is about an invented person: the recorder (``mnverify.recording``) reads the real card, keeps the shapes,
and plays the reading once more with an invented holder's card. Programs in other languages play the same scripts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mnverify.errors import ScriptError
from mnverify.readers.scripts.observer import LINK_ERRORS, Shape
from mnverify.strict_json import Limits, StrictJson, to_base64
from mnverify.text import Text

FORMAT = "mnverify.script/1"
MAX_BYTES = 1 << 20
MAX_DEPTH = 3
LONGEST_NUMBER = 16  # characters
CHALLENGE_LENGTH = 32

_REQUIRED = (
    "format",
    "domain",
    "role",
    "credential",
    "credential_value",
    "purposes",
    "persona",
    "challenge",
    "extended",
    "exchanges",
)
_OPTIONAL = ("max_short", "faithful", "reason", "observed")
_DIGITS = {"birth-date": 6, "verification-number-b": 14, "verification-number-a": 12, "pin": 4}
_CREDENTIALS = {
    "face-check": ("birth-date", "verification-number-b", "verification-number-a"),
    "input-assist": ("verification-number-b", "verification-number-a", "pin"),
}
_PURPOSES = {"face-check": ("age", "face", "number"), "input-assist": ("attributes", "number")}
_ROLES = ("general", "my-number-office")
_NUMBER = ("verification-number-a", "number")  # role my-number-office only
_REASONS = ("order", "outcome", "more-data")
_PERSONA = r"[a-z0-9-]{1,64}"
_A_PERSONA = Text("the name of a persona", "ペルソナの名前")
_LONGEST = 4 + 3 + 0xFFFF + 2  # bytes of a command
_LONGEST_ANSWER = 0x10000 + 2
_LONGEST_WAIT = 3_600_000.0  # milliseconds


def script_error(where: str, why: Text) -> ScriptError:
    """The error for a place in a script."""
    return ScriptError(
        Text(
            f"This is not a script of a reading: {where}: {why.en}. Nothing of it was played; record it again.",
            f"読み取りスクリプトとして読めません（{where}: {why.ja}）。何も再生していません。記録し直してください。",
        )
    )


SCRIPT = StrictJson("script", script_error, Limits(MAX_BYTES, MAX_DEPTH, LONGEST_NUMBER))


@dataclass(frozen=True, slots=True, repr=False)
class Exchange:
    """One step of a script: a command with its answer or the error of the link, or a reset.

    Attributes:
        command: the command APDU; ``None`` for a reset.
        answer: response data and the two status bytes; ``None`` where the link raised an error.
        error: a word of ``mnverify.readers.scripts.observer.LINK_ERRORS``; ``None`` where it answered.
    """

    command: bytes | None
    answer: bytes | None = None
    error: str | None = None

    def __repr__(self) -> str:
        if self.command is None:
            return "Exchange(reset)"
        return f"Exchange({len(self.command)} bytes, {self.error or len(self.answer or b'')})"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Script:
    """One reading of an invented holder's card.

    Attributes:
        domain, role, credential, purposes: what was read, in the words of ``mnverify.values.terms``.
        credential_value: the digits that were presented: the persona's.
        persona: whose card it is.
        challenge: what the card signed, 32 bytes; ``None`` where presence was not asked for. Read a script with
            ``session.read(…, challenge=script.challenge)``, and a resumed one with ``open(…, random=lambda n: script.challenge)``.
        extended, max_short: what was known of the link before the first command (``LinkCapabilities``).
        exchanges: the steps to play.
        faithful: whether the steps are those of ``observed``, in the same order and with the same outcomes; ``None`` where
            nothing was observed.
        reason: why they do not: ``order`` (other commands, or the same in another order), ``outcome`` (it ended otherwise),
            ``more-data`` (answers that have to be fetched).
        observed: the shapes of the real reading.
    """

    domain: str
    role: str
    credential: str
    credential_value: str
    purposes: tuple[str, ...]
    persona: str
    challenge: bytes | None
    exchanges: tuple[Exchange, ...]
    extended: bool | None = None
    max_short: int = 256
    faithful: bool | None = None
    reason: str | None = None
    observed: tuple[Shape, ...] = ()

    @property
    def signs_first(self) -> bool:
        """Whether the card answered the challenge before a number was presented, as in a reading that may be resumed."""
        for exchange in self.exchanges:
            command = exchange.command or b""
            if command[1:2] == b"\x2a":
                return True
            if command[1:2] == b"\x20":  # also the question for the tries, which comes before
                return False
        return False

    @classmethod
    def from_json(cls, data: str | bytes) -> Script:
        """The script in a JSON text.

        Raises:
            ScriptError: not ``mnverify.script/1``; says where and why, without content.
        """
        document = SCRIPT.keys(SCRIPT.load(data), "script", _REQUIRED, _OPTIONAL)
        SCRIPT.word(document["format"], "format", (FORMAT,))
        domain = SCRIPT.word(document["domain"], "domain", _PURPOSES)
        role = SCRIPT.word(document["role"], "role", _ROLES)
        credential = SCRIPT.word(document["credential"], "credential", _allowed(_CREDENTIALS[domain], role))
        challenge, extended = document["challenge"], document["extended"]
        return cls(
            domain=domain,
            role=role,
            credential=credential,
            credential_value=SCRIPT.matching(
                document["credential_value"], "credential_value", rf"\d{{{_DIGITS[credential]}}}", _digits(credential)
            ),
            purposes=_purposes(document["purposes"], _allowed(_PURPOSES[domain], role)),
            persona=SCRIPT.matching(document["persona"], "persona", _PERSONA, _A_PERSONA),
            challenge=None if challenge is None else _challenge(challenge),
            exchanges=tuple(_exchange(one, f"exchanges[{n}]") for n, one in _numbered(document, "exchanges")),
            extended=None if extended is None else SCRIPT.flag(extended, "extended"),
            max_short=SCRIPT.whole(document.get("max_short", 256), "max_short", 1, 256),
            faithful=SCRIPT.flag(document["faithful"], "faithful") if "faithful" in document else None,
            reason=SCRIPT.word(document["reason"], "reason", _REASONS) if "reason" in document else None,
            observed=tuple(_shape(one, f"observed[{n}]") for n, one in _numbered(document, "observed")),
        )

    def to_json(self) -> str:
        """The JSON text, one step a line.

        Raises:
            ScriptError: more than 1 MiB, which nobody would read back.
        """
        head: dict[str, Any] = {
            "format": FORMAT,
            "domain": self.domain,
            "role": self.role,
            "credential": self.credential,
            "credential_value": self.credential_value,
            "purposes": list(self.purposes),
            "persona": self.persona,
            "challenge": None if self.challenge is None else to_base64(self.challenge),
            "extended": self.extended,
            "max_short": self.max_short,
        }
        if self.faithful is not None:
            head["faithful"] = self.faithful
        if self.reason is not None:
            head["reason"] = self.reason
        members = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in head.items()]
        members.append(_lines("exchanges", [_exchange_to_json(one) for one in self.exchanges]))
        if self.observed:
            members.append(_lines("observed", [_shape_to_json(one) for one in self.observed]))
        text = "{\n" + ",\n".join(members) + "\n}\n"
        if len(text) > MAX_BYTES:
            raise script_error(
                "script", Text(f"{len(text)} bytes, more than {MAX_BYTES}", f"{len(text)} バイトで、上限を超えています")
            )
        return text

    def __repr__(self) -> str:
        return f"Script({self.domain}, {self.role}, {self.persona}, {len(self.exchanges)} steps)"


def _allowed(words: tuple[str, ...], role: str) -> tuple[str, ...]:
    return tuple(one for one in words if role != "general" or one not in _NUMBER)


def _numbered(document: dict[str, Any], name: str) -> Iterable[tuple[int, object]]:
    return enumerate(SCRIPT.items(document[name], name) if name in document else ())


def _digits(credential: str) -> Text:
    return Text(f"{_DIGITS[credential]} digits", f"{_DIGITS[credential]} 桁の数字")


def _challenge(value: object) -> bytes:
    return SCRIPT.base64(value, "challenge", CHALLENGE_LENGTH, CHALLENGE_LENGTH)


def _purposes(value: object, words: tuple[str, ...]) -> tuple[str, ...]:
    purposes = tuple(SCRIPT.word(one, f"purposes[{n}]", words) for n, one in enumerate(SCRIPT.items(value, "purposes")))
    if not purposes or len(set(purposes)) != len(purposes):
        raise script_error("purposes", Text("there is none, or one stands twice", "空か、重複があります"))
    return purposes


def _exchange(value: object, where: str) -> Exchange:
    step = SCRIPT.keys(value, where, (), None)
    if "reset" in step:
        _reset(SCRIPT.keys(step, where, ("reset",)), where)
        return Exchange(None)
    ending = "error" if "error" in step else "answer"
    SCRIPT.keys(step, where, ("command", ending))
    command = SCRIPT.hex(step["command"], f"{where}.command", 4, _LONGEST)
    if ending == "error":
        return Exchange(command, error=SCRIPT.word(step["error"], f"{where}.error", LINK_ERRORS))
    return Exchange(command, SCRIPT.hex(step["answer"], f"{where}.answer", 2, _LONGEST_ANSWER))


def _reset(step: dict[str, Any], where: str) -> None:
    if step["reset"] is not True:
        raise script_error(f"{where}.reset", Text("it is not true", "true ではありません"))


def _shape(value: object, where: str) -> Shape:
    step = SCRIPT.keys(value, where, (), None)
    ms = None if "ms" not in step else SCRIPT.tenths(step["ms"], f"{where}.ms", _LONGEST_WAIT)
    error = SCRIPT.word(step["error"], f"{where}.error", LINK_ERRORS) if "error" in step else None
    if "reset" in step:
        _reset(SCRIPT.keys(step, where, ("reset",), ("ms", "error")), where)
        return Shape(None, error=error, ms=ms)
    ending = ("error",) if "error" in step else ("received", "status")
    SCRIPT.keys(step, where, ("header", "lc", "le", "extended", *ending), ("ms",))
    received = status = None
    if error is None:
        received = SCRIPT.whole(step["received"], f"{where}.received", 0, 0x10000)
        if step["status"] is not None:
            status = int.from_bytes(SCRIPT.hex(step["status"], f"{where}.status", 2, 2))
    return Shape(
        header=SCRIPT.hex(step["header"], f"{where}.header", 4, 4),
        lc=None if step["lc"] is None else SCRIPT.whole(step["lc"], f"{where}.lc", 1, 0xFFFF),
        le=None if step["le"] is None else SCRIPT.whole(step["le"], f"{where}.le", 1, 0x10000),
        extended=SCRIPT.flag(step["extended"], f"{where}.extended"),
        received=received,
        status=status,
        error=error,
        ms=ms,
    )


def _exchange_to_json(step: Exchange) -> dict[str, Any]:
    if step.command is None:
        return {"reset": True}
    if step.error is not None:
        return {"command": step.command.hex(), "error": step.error}
    return {"command": step.command.hex(), "answer": (step.answer or b"").hex()}


def _shape_to_json(shape: Shape) -> dict[str, Any]:
    out: dict[str, Any] = {"reset": True}
    if shape.header is not None:
        out = {"header": shape.header.hex(), "lc": shape.lc, "le": shape.le, "extended": shape.extended}
    if shape.error is not None:
        out["error"] = shape.error
    elif shape.header is not None:
        out["received"] = shape.received
        out["status"] = None if shape.status is None else f"{shape.status:04x}"
    if shape.ms is not None:
        out["ms"] = shape.ms
    return out


def _lines(name: str, steps: list[dict[str, Any]]) -> str:
    lines = ",\n".join(json.dumps(step, separators=(",", ":")) for step in steps)
    return f"{json.dumps(name)}: [\n{lines}\n]"
