"""What an error reporter would send: tracebacks with the local variables of every frame. None of them shows content."""

from __future__ import annotations

import copy
import pickle
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mnverify.errors import EvidenceError, MnverifyError, UnsupportedCard
from mnverify.files import drop_segments, file_structure, object_length, read_file_object, read_layout
from mnverify.files.key_in_head import key_in_head
from mnverify.profile import PRESENT_CARD
from mnverify.values import MyNumber, check_digit
from mnverify.values.terms import Domain
from mnverify.virtual import Persona
from tests.support import forgery
from tests.support.by_chance import without_addresses

CARD, OTHER = forgery.card(), forgery.card("hi-fusho")
LAYOUTS = [(domain, rule) for domain in Domain for rule in PRESENT_CARD.domains[domain].files.values()]
HOLD_CONTENT = (
    "_header",
    "_object",
    "_date",
    "_decoded",
    "_my_number",
)  # frames that have to be gone when it is raised
NOT_TEXT = b"\xe4\xbd\x90\xff"


def secrets(holder: Persona) -> list[str]:
    """Each datum of a holder, in every form that a repr may give it."""
    number, born = holder.my_number.reveal(), holder.birth_compact
    texts = [number, number[:6], number[6:], born, str(holder.birth), holder.birth_digits, f"{holder.expiry:%Y%m%d}"]
    texts += [repr(holder.birth), repr(holder.expiry), *holder.name.split("\u3000"), holder.address, holder.address[:6]]
    raw = [one.encode() for one in texts]
    return texts + [one.hex() for one in raw] + [repr(one)[2:-1] for one in raw]


def malformed(file: bytes) -> Iterator[bytes]:
    """A file cut, shifted, overwritten and mixed up in many ways."""
    for end in (*range(1, min(len(file), 40)), *range(40, len(file), 211)):
        yield file[:end]
    yield b"\x00\x00" + file
    yield file[3:]
    yield file + b"19850703"
    for at in range(2, min(len(file), 40)):
        for byte in (0x00, 0x31, 0x5A, 0x80, 0x81, 0x82, 0x83, 0xFF):
            yield file[:at] + bytes([byte]) + file[at + 1 :]
    for child in forgery.children(file) if file[:2] != b"\xff\x10" or len(file) > 40 else []:
        content = file[child.value_start : child.end]
        for value in (b"", content[:-1], content + b"0", content[::-1], b"9" * len(content), NOT_TEXT + content):
            yield forgery.rebuilt(file, {child.tag: value})
        yield forgery.rebuilt(
            file, {child.tag: content}, [one.tag for one in forgery.children(file) if one is not child]
        )
    numbers = (
        b"\xff\x10\x0c" + digits + b"\xff\xff"
        for digits in (b"987654320118", b"98765432011A", b"98765432\xff\xfe\xfd\xfc")
    )
    yield from numbers


def shown(call: Callable[..., Any], *arguments: Any) -> str:
    """The traceback with locals of a call's error, without the frame that makes the call."""
    try:
        call(*arguments)
    except (MnverifyError, ValueError) as error:
        assert error.__context__ is None and error.__cause__ is None, "another error's frames hang on it"
        assert error.__traceback__ is not None
        inside = traceback.TracebackException(
            type(error), error, error.__traceback__.tb_next, capture_locals=True, lookup_lines=False
        )
        assert not [frame.name for frame in inside.stack if frame.name in HOLD_CONTENT]
        return without_addresses("".join(inside.format()))
    return ""


@pytest.mark.parametrize("card", [CARD, OTHER], ids=lambda card: card.persona.id)
@pytest.mark.parametrize(("domain", "rule"), LAYOUTS, ids=lambda value: getattr(value, "layout", value))
def test_no_frame_shows_content(card: Any, domain: Domain, rule: Any) -> None:
    files = card.files(domain)
    hidden = re.compile("|".join(re.escape(secret) for secret in secrets(card.persona)))
    others = [data for place in Domain for data in card.files(place).values()]
    refused = 0
    for data in (*malformed(files[rule.file_id]), *others):
        for text in (
            shown(read_layout, rule.layout, rule.file_id, data),
            shown(object_length, data[:16], f"files.{rule.file_id}"),
            shown(read_file_object, data, "files", 0xFF10),
            shown(drop_segments, data, frozenset({3})) if rule.layout == "face-record" else "",
        ):
            refused += bool(text)
            found = hidden.search(text)
            assert found is None, f"{found.group()!r} in {text}"
        key_in_head(rule.layout, data)
        file_structure(data)
    assert refused > 100


@pytest.mark.parametrize("digits", ["987654320118", "98765432011A", "9876543201190", "", "９８７６５４３２０１１９"])
def test_no_frame_shows_a_number_that_is_none(digits: str) -> None:
    text = shown(MyNumber, digits)
    assert text and (not digits or digits not in text)
    text = shown(check_digit, digits)
    assert text and (not digits or digits not in text)


def test_a_misplaced_number_is_neither_named_nor_measured() -> None:
    """EF 0001 of the other domain, read as the age record, was "tag 39": two digits of the number."""
    number = CARD.files("input-assist")["0001"]
    with pytest.raises((EvidenceError, UnsupportedCard)) as caught:
        read_layout("age-record", "0001", number)
    error = caught.value
    assert isinstance(error, EvidenceError | UnsupportedCard)
    assert error.where == "files.0001 offset 3"
    assert not re.search(r"\d", f"{error.why.en}{error.why.ja}")


def test_records_show_sizes_and_are_neither_pickled_nor_copied() -> None:
    for domain, rule in LAYOUTS:
        data = CARD.files(domain)[rule.file_id]
        record = read_layout(rule.layout, rule.file_id, data)
        held: list[object] = [
            record,
            *(part for part in record if isinstance(part, tuple) and hasattr(part, "_fields")),
        ]
        if rule.layout not in ("my-number", "transport-key"):
            held.append(read_file_object(data, "files", int.from_bytes(data[:2]))[0])
        for one in held:
            assert not re.search("|".join(re.escape(s) for s in secrets(CARD.persona)), repr(one))
            for way in (copy.copy, copy.deepcopy, pickle.dumps):
                with pytest.raises(TypeError, match="not pickled or copied"):
                    way(one)


def test_no_cache_keeps_what_was_read() -> None:
    """A cache of the process outlives every reading: the one here keeps a constant of the DigestInfo by its length."""
    modules = [module for name, module in sys.modules.items() if name.startswith(("mnverify.files", "mnverify.values"))]
    cached = {
        thing.__qualname__ for module in modules for thing in vars(module).values() if hasattr(thing, "cache_info")
    }
    assert cached == {"_prefix"}
