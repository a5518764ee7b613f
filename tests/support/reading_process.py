"""A process that reads a card which lies elsewhere, verifies, fails in many ways, forgets, and is then searched.

It is started by ``tests/test_nothing_left.py``, which holds the card and knows the holder: commands go out and answers come in as
lines of hex. What to look for is told after the reading and after everything was forgotten. Lines out: ``> COMMAND``, ``reset``,
``done``, then one JSON object with what was found.
"""

from __future__ import annotations

import base64
import contextlib
import copy
import gc
import io
import json
import logging
import os
import pickle
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from mnverify import (
    BirthDate,
    Evidence,
    FaceCheck,
    InputAssist,
    MnverifyError,
    Pin,
    Purpose,
    Role,
    TrustStore,
    VerificationNumberA,
    VerificationNumberB,
    check_age,
    check_card,
    verify,
)
from mnverify.evidence import Presence
from mnverify.link import redeem
from mnverify.masked import MaskedBytes, mask
from mnverify.values.dates import PartialDate
from mnverify.values.terms import Domain
from tests.support.by_chance import stands_in, without_addresses

READ: Any = Evidence  # what wrong arguments are given to
VERIFY: Any = verify
AT = datetime(2026, 11, 22, 1, tzinfo=UTC)
SHORT = 6  # bytes; anything shorter is looked for alone, for it stands inside many things by chance


class Wire:
    """The link to the card in the other process."""

    def __init__(self) -> None:
        self.lose_after: int | None = None

    def transmit(self, command: bytes) -> bytes:
        """One exchange."""
        if self.lose_after is not None:
            self.lose_after -= 1
            if self.lose_after < 0:
                raise OSError("the card is gone")
        tell("> " + redeem(command, self).hex())
        return MaskedBytes(bytes.fromhex(ask()))

    def reset(self) -> None:
        """Take the power away."""
        self.lose_after = None
        tell("reset")
        ask()


def tell(line: str) -> None:
    """A line to the other process; no buffer keeps it."""
    os.write(1, line.encode() + b"\n")


_PENDING = bytearray()


def ask() -> str:
    """A line from it; nothing of it stays here."""
    while b"\n" not in _PENDING:
        more = os.read(0, 1 << 20)
        if not more:
            raise EOFError("the other process is gone")
        _PENDING.extend(more)
    end = _PENDING.index(b"\n")
    line = _PENDING[:end].decode()
    del _PENDING[: end + 1]
    return line


# reading, verifying, failing ---------------------------------------------------------------------------


def read_and_fail(said: list[str]) -> None:
    """Everything that a program might do with a card, right and wrong; what it said is in ``said``."""
    link = Wire()
    numbers = json.loads(ask())
    trust = TrustStore.from_json(ask())
    face = check_card(
        link, Domain.FACE_CHECK, VerificationNumberB(numbers["verification-number-b"]), trust=trust, at=AT
    )
    age = check_card(link, Domain.FACE_CHECK, BirthDate(numbers["birth-date"]), trust=trust, at=AT)
    attributes = check_card(link, Domain.INPUT_ASSIST, Pin(numbers["pin"]), trust=trust, at=AT)
    office = Role.MY_NUMBER_OFFICE
    number_a = VerificationNumberA(numbers["verification-number-a"])
    number = check_card(link, Domain.INPUT_ASSIST, number_a, trust=trust, role=office, at=AT)
    for checked in (face, age, attributes, number):
        checked.result.require()
        said.append(repr(checked) + str(checked) + repr(checked.result.fields) + repr(dict(checked.evidence.records)))
    said.append(repr(check_age(age.result, 20)) + str(check_age(age.result, 20).to_dict()))
    if face.result.photo is None or number.result.my_number is None or attributes.result.name is None:
        raise AssertionError("the reading is not whole")
    for fail in (
        *_of_evidence(face.evidence, trust),
        *_of_others(attributes, number, trust),
        *_of_cards(link, numbers, trust),
    ):
        said.append(failure(fail, len(said)))


def _of_evidence(evidence: Evidence, trust: TrustStore) -> Iterator[Callable[[], object]]:
    """Evidence that is refused: its content stands in what was given, and nowhere in what is said about it."""
    text = evidence.to_json()
    document = json.loads(text)
    files = document["files"]
    face = base64.b64decode(files["0002"])
    for wrong in (
        text[:-2],
        text + text,
        text.replace('"files"', '"domain": "face-check", "files"', 1),
        text.replace('"format"', f'"{files["0002"][:40]}": "", "format"', 1),
        text + " " * 65_536,
        text.replace(files["0002"], files["0002"][:-1]),
        text.replace(files["0002"], files["0002"][:-4] + "AB=="),
        text.replace(files["0002"], base64.b64encode(face[:-200]).decode()),
        text.replace(files["0002"], base64.b64encode(b"\xff\x20\x82\x00\x05" + face[5:]).decode()),
        text.replace('"0002"', '"0001"').replace('"0004"', '"0002"'),
        text.replace('"general"', '"my-number-office"'),
        text.replace('"general"', "7"),
        text.replace('"read_at": "', '"read_at": "x'),
        text.encode() + b"\xff",
        "[" * 5 + text + "]" * 5,
    ):
        yield partial(READ.from_json, wrong)
    yield partial(READ.from_json, document)
    members: list[dict[str, Any]] = [
        {"comment": files},
        {"files": {**files, "0002": 5}},
        {"files": list(files.values())},
        {"reader": {1: files}},
    ]
    for member in members:
        yield partial(READ.from_object, {**document, **member})
    arguments: dict[str, Any] = {"domain": "face-check", "role": "general", "credential": "verification-number-b"}
    for given in (files, {"0002": face[:500]}, {"0005": face}, {"0002": face + b"x"}, [face]):
        yield partial(READ, **arguments, files=given)
    yield partial(READ, **arguments, files={"0002": face}, presence=Presence(face, face))
    yield partial(VERIFY, text, trust=trust)
    yield lambda: evidence.without_segments(7)


def _of_others(attributes: Any, number: Any, trust: TrustStore) -> Iterator[Callable[[], object]]:
    yield lambda: attributes.evidence.to_json()
    rejected = verify(number.evidence, trust=TrustStore.production(), at=AT)
    yield lambda: rejected.fields
    yield lambda: rejected.require()
    yield lambda: rejected.my_number
    for personal in (attributes.evidence, attributes.result, attributes.result.fields["name"], number.result.my_number):
        for operation in (copy.copy, copy.deepcopy, pickle.dumps):
            yield partial(operation, personal)
    yield partial(VERIFY, number.evidence, trust=trust, at=date(2026, 1, 1))


def _of_cards(link: Wire, numbers: dict[str, str], trust: TrustStore) -> Iterator[Callable[[], object]]:
    """A number that the card refuses, numbers of another form, cards that are lost."""
    b = numbers["verification-number-b"]
    wrong = VerificationNumberB(b[:-1] + str((int(b[-1]) + 1) % 10))
    yield lambda: check_card(link, Domain.FACE_CHECK, wrong, trust=trust)
    for kind, digits in (
        (VerificationNumberB, b[:-1]),
        (Pin, numbers["pin"] + "x"),
        (VerificationNumberA, b),
        (BirthDate, b),
    ):
        yield partial(kind, digits)
    for exchanges in range(2, 9):
        yield partial(_lost, link, FaceCheck, VerificationNumberB(b), Purpose.FACE, exchanges)
        yield partial(_lost, link, InputAssist, Pin(numbers["pin"]), Purpose.ATTRIBUTES, exchanges)


def _lost(link: Wire, kind: Any, credential: Any, purpose: Purpose, exchanges: int) -> None:
    with kind.open(link) as session:
        link.lose_after = exchanges
        session.present(credential)
        session.read(purpose)
    raise OSError("the reading was over before the card was lost")


def failure(fail: Callable[[], object], number: int) -> str:
    """What an error reporter would send: the traceback with the local variables of every frame that is not this module's."""
    try:
        fail()
    except (MnverifyError, TypeError, OSError) as error:
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        said = []
        seen: BaseException | None = error
        while seen is not None:  # also what a reporter finds that follows the context of an error
            stack = traceback.StackSummary.extract(traceback.walk_tb(seen.__traceback__), capture_locals=True)
            said += [f"{frame.name}: {frame.locals}" for frame in stack if frame.filename != __file__]
            said += [str(seen), repr(seen), repr(vars(seen)), str(getattr(seen, "text", ""))]
            seen = seen.__cause__ or seen.__context__
        return "\n".join([str(told), *said])
    raise AssertionError(f"failure {number} did not fail")


# searching ---------------------------------------------------------------------------------------------


def alive() -> list[bytes]:
    """The content of every text, run of bytes, great number, date and public key that Python can still reach."""
    gc.collect()
    seen: set[int] = set()
    found: list[bytes] = []
    ignored = {id(seen), id(found)}
    todo: list[Any] = [one for one in gc.get_objects() if id(one) not in ignored]
    ignored.add(id(todo))
    while todo:
        one = todo.pop()
        if id(one) in seen or id(one) in ignored or isinstance(one, FrameType):
            continue
        seen.add(id(one))
        content = _content(one)
        if content is not None:
            found.append(content)
        elif not isinstance(one, type | ModuleType):
            todo += gc.get_referents(one)
    return found


def _content(one: object) -> bytes | None:
    match one:
        case str():
            return str.encode(str(one), "utf-8", "replace")
        case bytes() | bytearray():
            return bytes(bytearray(one))
        case memoryview():
            return one.tobytes()
        case bool():
            return None
        case int():
            return one.to_bytes(one.bit_length() // 8 + 1) if one > 1 << 200 else _integer(str(one).encode())
        case datetime():
            return None
        case date() | PartialDate():
            return b"date " + one.isoformat().encode()
        case RSAPublicKey():
            return one.public_numbers().n.to_bytes(512)
        case _:
            return None


def _integer(digits: bytes) -> bytes:
    """A number as it is told of: it is compared whole, since a thousand addresses of objects are numbers too."""
    return b"integer " + digits


def forms(datum: bytes) -> list[bytes]:
    """As it stands, in hex, and inside base64, wherever it begins there."""
    written = [datum, datum.hex().encode(), datum.hex().upper().encode()]
    for shift in range(3):
        inside = base64.b64encode(bytes(shift) + datum)
        written.append(inside[(0, 2, 3)[shift] : -4 if (shift + len(datum)) % 3 else None])
    return [one for one in written if len(one) >= min(SHORT, len(datum))]


def search(places: dict[str, list[bytes]], wanted: dict[str, bytes]) -> dict[str, list[str]]:
    """The names of the data that are found, by place."""
    found: dict[str, list[str]] = {}
    for place, contents in places.items():
        whole = set(contents)
        joined = b"\0\0".join(contents)
        for name, datum in wanted.items():
            written = forms(datum)
            if len(datum) < SHORT:
                there = any(one in whole for one in written)
            else:
                there = _integer(datum) in whole or any(stands_in(one, joined) for one in written)
            if there:
                found.setdefault(place, []).append(name)
    return found


def files_of(folder: str) -> list[bytes]:
    """What lies in a folder. What is gone when it is to be read does not stay."""
    found: list[bytes] = []
    for at, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                found.append(Path(at, name).read_bytes())
    return found


def plant(said: list[str]) -> Callable[[], object]:
    """The name kept on purpose in each of the places: said, in a log, in a file in hex, and masked inside a cache of a closure."""
    tell("plant")
    name = mask(bytes.fromhex(ask()))
    text = bytes.decode(name) if isinstance(name, bytes) else ""
    said.append(f"<{text}>")
    logging.getLogger("mnverify").debug("read %s", text)
    with tempfile.NamedTemporaryFile("w", delete=False) as file:
        file.write(text.encode().hex())
    kept = {"records": ({"name": name},)}
    return lambda: kept


def main() -> None:
    """Read, forget, search."""
    log = io.StringIO()
    logging.basicConfig(stream=log, level=logging.DEBUG)
    said: list[str] = []
    read_and_fail(said)
    planted = plant(said) if "--plant" in sys.argv else None
    with tempfile.TemporaryFile() as aside:  # what was said is no part of what is alive
        aside.write(without_addresses("\0".join(said)).encode("utf-8", "replace"))
        count = len(said)
        said.clear()
        places = {"alive": alive()}
        aside.seek(0)
        places |= {"said": [aside.read()], "logs": [log.getvalue().encode()]}
    places["files"] = files_of(tempfile.gettempdir())
    tell("done")
    wanted = {name: bytes.fromhex(text) for name, text in json.loads(ask()).items()}
    found = search(places, wanted)
    counts = {name: len(contents) for name, contents in places.items()}
    tell(json.dumps({"found": found, "counts": counts, "failures": count, "planted": planted is not None}))


if __name__ == "__main__":
    main()
