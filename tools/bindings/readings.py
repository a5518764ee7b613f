"""What the recorded readings and typed credentials come to, byte by byte: ``scripts.json`` and ``credentials.json``."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from mnverify.card import FaceCheck, InputAssist, PartialReading, credential_from_text
from mnverify.card.credentials import VerificationNumberB
from mnverify.errors import CredentialFormatError, LinkError, MnverifyError
from mnverify.evidence import Evidence
from mnverify.readers import ReplayLink, Script
from mnverify.values.terms import CredentialKind, Purpose, Role
from tools import make_scripts

NOW = "2026-11-22T10:00:00+09:00"
READER = "Virtual PCD 00 00"

_BIRTHS = (
    *(
        "600703",
        "６００７０３",
        " 600703 ",
        "600700",
        "600000",
        "601300",
        "601301",
        "600732",
        "000000",
        "60070",
        "6007033",
    ),
    *("600229", "020230", "020231", "1985-07-03", "1985-07-00", "1985-7-3", "1985-02-29", "1868-01-24", "1868-01-25"),
    *(
        "昭和60年7月3日",
        "昭和６０年７月３日",
        "S60.7.3",
        "s60.7.3",
        "S60/7/3",
        "S60-7-3",
        "昭和64年1月7日",
        "昭和64年1月8日",
    ),
    *(
        "平成元年1月8日",
        "平成1年1月7日",
        "令和元年5月1日",
        "令和1年4月30日",
        "R8.11.22",
        "M1.1.25",
        "M1.1.24",
        "T15.12.25",
    ),
    *(
        "T15.12.24",
        "2019-04-30",
        "2019-05-01",
        "1926-12-24",
        "1926-12-25",
        "1912-07-29",
        "1912-07-30",
        "昭和 60年7月3日",
    ),
    *(
        "",
        "abcdef",
        "60-07-03",
        "６０-07-03",
        "二〇〇一",
        "令和101年1月1日",
        "2120-01-01",
        "昭和0年1月1日",
        "S060.7.3",
        "60０703",
    ),
)
_NUMBERS_B = (
    *("60070320334102", "600703 2033 4102", "600703-2033-4102", "６００７０３２０３３４１０２", " 60070320334102 "),
    *(
        "600703--2033-4102",
        "600703----2033-4102",
        "-60070320334102",
        "60070320334102-",
        "6007032033410",
        "600703203341022",
    ),
    *("60070320154102", "60070320164102", "60070320994102", "60070321004102", "60130320334102", "60070020334102"),
    *(
        "60000020334102",
        "60073220334102",
        "",
        "6007032033410a",
        "600703\u30002033\u30004102",
        "600703ー2033−4102",
        "600703\t20334102",
    ),
)
_NUMBERS_A = (
    *(
        "123456789018",
        "1234 5678 9018",
        "１２３４５６７８９０１８",
        "123456789017",
        "12345678901",
        "1234567890188",
        "000000000000",
    ),
    *("111111111118", "1234-5678-9018", "", "12345678901x", "1 2 3 4 5 6 7 8 9 0 1 8"),
)
_PINS = ("1357", "１３５７", " 1357 ", "135", "13579", "13 57", "135a", "", "٣٤٥٦", "0000")
TYPED = {"birth-date": _BIRTHS, "verification-number-b": _NUMBERS_B, "verification-number-a": _NUMBERS_A, "pin": _PINS}
_PRINTED = (
    ("昭和60年7月3日", "2033", "4102", "era"),
    ("1985-07-03", "2033", "4102", "era"),
    ("1985-07-03", "2033", "4102", "gregorian"),
    ("昭和60年7月3日", "2033", "4102", "gregorian"),
    ("600703", "２０３３", "４１０２", "gregorian"),
    ("昭和64年1月8日", "2033", "4102", "era"),
    ("1985-07-03", "33", "4102", "era"),
    ("1985-07-03", "2033", "410", "era"),
    ("1985-07-03", "2033", "4102", "other"),
)


def scripts_document() -> dict[str, Any]:
    """Everything of ``scripts.json``: the SHA-256 of what a reading gives, by the name of its script."""
    names = sorted(path.name.removesuffix(".expected.json") for path in make_scripts.FOLDER.glob("*.expected.json"))
    return {
        "format": "mnverify.script-evidence/1",
        "read_at": NOW,
        "reader": READER,
        "scripts": {name: found for name in names if (found := _evidence_of(name)) is not None},
    }


def _evidence_of(name: str) -> dict[str, Any] | None:
    script = Script.from_json((make_scripts.FOLDER / f"{name}.json").read_bytes())
    evidence = _read(script)
    if evidence is None:
        return None
    found: dict[str, Any] = {"request": _sha256(evidence.to_request()), "storable": evidence.storable}
    if evidence.storable:
        found["json"] = _sha256(evidence.to_json().encode())
    if "0002" in evidence.files and script.domain == "face-check":
        for numbers in ((2,), (3,), (2, 3)):
            lighter = evidence.without_segments(*numbers).to_json()
            found[f"without_{'_'.join(map(str, numbers))}"] = _sha256(lighter.encode())
    return found


def _read(script: Script) -> Evidence | None:
    """The evidence of a script, in as many sessions as it takes; ``None`` where it ends in an error."""
    link, partial = ReplayLink(script), PartialReading()
    opened: type[FaceCheck | InputAssist] = FaceCheck if script.domain == "face-check" else InputAssist
    challenge = script.challenge
    credential = credential_from_text(CredentialKind(script.credential), script.credential_value)
    while True:
        try:
            with opened.open(
                link,
                role=Role(script.role),
                reader=READER,
                now=lambda: datetime.fromisoformat(NOW),
                random=lambda _: challenge or b"",
            ) as session:
                if script.signs_first:
                    session.recognise(partial, challenge)
                if partial.started:
                    return session.resume(partial, credential)
                session.present(credential)
                purposes = map(Purpose, script.purposes)
                return session.read(*purposes, challenge=challenge, presence=challenge is not None, partial=partial)
        except LinkError:
            if link.finished:
                return None
        except MnverifyError:
            return None


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def credentials_document() -> dict[str, Any]:
    """Everything of ``credentials.json``: what is typed, and the digits that the card is given; null where it is refused."""
    return {
        "format": "mnverify.typed-credentials/1",
        "typed": {kind: [[text, _digits(kind, text)] for text in texts] for kind, texts in TYPED.items()},
        "from_printed": [[*printed, _from_printed(*printed)] for printed in _PRINTED],
    }


def _digits(kind: str, text: str) -> str | None:
    try:
        return bytes(credential_from_text(CredentialKind(kind), text).digits_for_card()).decode()
    except CredentialFormatError:
        return None


def _from_printed(birth: str, year: str, code: str, printed: Any) -> str | None:
    try:
        made = VerificationNumberB.from_printed(birth, year, code, printed=printed)
    except CredentialFormatError:
        return None
    return bytes(made.digits_for_card()).decode()
