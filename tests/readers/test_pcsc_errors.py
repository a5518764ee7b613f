"""Every result code and every exception of pyscard has its place in our tables."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import pytest
import smartcard
import smartcard.scard

from mnverify.errors import (
    Cancelled,
    CardLost,
    LinkError,
    LinkTimeout,
    NoCard,
    NoReader,
    NotAllowed,
    ReaderInUse,
    ServiceNotRunning,
    UsageError,
)
from mnverify.readers.pcsc.errors import CLASSES, CODES, dotted_name, pcsc_error, pcsc_errors
from mnverify.readers.pcsc.texts import Doing
from mnverify.text import Text

CANNOT_IMPORT = {  # they want wxPython, and are programs
    "smartcard.wx.APDUHexValidator",
    "smartcard.wx.APDUTracerPanel",
    "smartcard.wx.CardAndReaderTreePanel",
    "smartcard.wx.ReaderToolbar",
    "smartcard.wx.SimpleSCardApp",
    "smartcard.wx.SimpleSCardAppFrame",
}


def modules() -> Iterator[str]:
    for module in pkgutil.walk_packages(smartcard.__path__, "smartcard."):
        if module.name not in CANNOT_IMPORT:
            yield module.name


def exceptions() -> dict[str, type[Exception]]:
    found = {}
    for name in modules():
        for value in vars(importlib.import_module(name)).values():
            if inspect.isclass(value) and issubclass(value, Exception) and value.__module__ != "builtins":
                found[dotted_name(value)] = value
    return found


def make(kind: type[Exception]) -> Exception:
    """An exception of that class, whatever its constructor wants, without a code."""
    error = kind.__new__(kind)
    error.__dict__.pop("hresult", None)
    return error


def test_what_cannot_be_imported_is_what_wants_wxpython() -> None:
    for name in CANNOT_IMPORT:
        with pytest.raises(ModuleNotFoundError, match="wx"):
            importlib.import_module(name)


def test_every_exception_of_pyscard_is_mapped_and_no_other() -> None:
    assert set(exceptions()) == set(CLASSES)
    assert len(CLASSES) > 20


def test_every_exception_becomes_ours() -> None:
    for name, kind in exceptions().items():
        with pytest.raises(CLASSES[name].error), pcsc_errors(Doing.LIST):
            raise make(kind)


def test_a_class_made_from_one_of_theirs_counts_as_it() -> None:
    class Newer(smartcard.Exceptions.NoReadersException):  # type: ignore[misc]
        pass

    assert isinstance(pcsc_error(Newer(), Doing.LIST), NoReader)


def test_the_context_lets_other_errors_pass() -> None:
    for error in (KeyError("x"), KeyboardInterrupt(), UsageError(Text("a", "b"))):
        with pytest.raises(type(error)), pcsc_errors(Doing.LIST):
            raise error


def test_every_error_code_of_the_library_is_mapped() -> None:
    exported = {
        name: getattr(smartcard.scard, name) & 0xFFFFFFFF
        for name in dir(smartcard.scard)
        if name.startswith(("SCARD_E_", "SCARD_W_", "SCARD_F_", "SCARD_P_"))
    }
    assert len(exported) >= 50
    assert {name for name, code in exported.items() if code not in CODES} == set()


@pytest.mark.parametrize(
    ("code", "doing", "error"),
    [
        (0x8010001D, Doing.LIST, ServiceNotRunning),
        (0x8010001E, Doing.WAIT, ServiceNotRunning),
        (0x80100013, Doing.WAIT, ServiceNotRunning),
        (0x80100003, Doing.EXCHANGE, ServiceNotRunning),
        (0x8010006A, Doing.CONNECT, NotAllowed),
        (0x8010000B, Doing.CONNECT, ReaderInUse),
        (0x80100031, Doing.CONNECT, ReaderInUse),
        (0x80100009, Doing.CONNECT, NoReader),
        (0x80100017, Doing.EXCHANGE, NoReader),
        (0x8010002E, Doing.LIST, NoReader),
        (0x8010000C, Doing.CONNECT, NoCard),
        (0x8010000C, Doing.EXCHANGE, CardLost),
        (0x80100069, Doing.EXCHANGE, CardLost),
        (0x80100069, Doing.RESET, NoCard),
        (0x80100068, Doing.EXCHANGE, CardLost),
        (0x80100066, Doing.CONNECT, NoCard),
        (0x80100067, Doing.EXCHANGE, CardLost),
        (0x80100016, Doing.EXCHANGE, CardLost),
        (0x80100016, Doing.CONNECT, NoCard),
        (0x8010000A, Doing.EXCHANGE, LinkTimeout),
        (0x80100002, Doing.WAIT, Cancelled),
    ],
)
def test_what_codes_mean(code: int, doing: Doing, error: type[LinkError]) -> None:
    for value in (code, code - (1 << 32)):  # signed on some platforms
        assert type(pcsc_error(value, doing)) is error


@pytest.mark.parametrize("code", [0x80100055, 0x80109999, 0x1F, -1])
def test_an_unknown_code_is_the_end_of_the_session_and_is_named(code: int) -> None:
    error = pcsc_error(code, Doing.EXCHANGE)
    assert type(error) is CardLost
    assert f"0x{code & 0xFFFFFFFF:08X}" in error.text.en
    assert f"0x{code & 0xFFFFFFFF:08X}" in error.text.ja
    assert type(pcsc_error(code, Doing.CONNECT)) is NoCard


def test_an_exception_with_a_code_is_judged_by_the_code() -> None:
    exceptions_with_code = [
        (smartcard.pcsc.PCSCExceptions.EstablishContextException(0x8010006A), NotAllowed),
        (smartcard.pcsc.PCSCExceptions.EstablishContextException(0x8010001D - (1 << 32)), ServiceNotRunning),
        (smartcard.Exceptions.CardConnectionException("secret", hresult=0x8010000B), ReaderInUse),
        (smartcard.Exceptions.CardConnectionException("secret", hresult=0), CardLost),
        (smartcard.Exceptions.CardConnectionException("secret"), CardLost),
    ]
    for cause, error in exceptions_with_code:
        ours = pcsc_error(cause, Doing.EXCHANGE)
        assert type(ours) is error
        assert "secret" not in ours.text.en + ours.text.ja


def test_each_message_is_whole_in_both_languages_and_says_what_to_do() -> None:
    for meaning in {*CODES.values(), *CLASSES.values()}:
        assert meaning.text.en.endswith(".")
        assert meaning.text.ja.endswith(("。", "）。"))
        assert any("\u3040" <= one <= "\u30ff" for one in meaning.text.ja)  # kana
    for doing in Doing:
        for code in CODES:
            text = pcsc_error(code, doing).text
            assert "{" not in text.en + text.ja
    assert "systemctl enable --now pcscd.socket" in pcsc_error(0x8010001D, Doing.LIST).text.ja
    assert "org.debian.pcsc-lite.access_pcsc" in pcsc_error(0x8010006A, Doing.CONNECT).text.en
    assert "利用者クライアントソフト" in pcsc_error(0x8010000B, Doing.CONNECT).text.ja


@pytest.mark.parametrize("doing", [Doing.WAIT, Doing.EXCHANGE, Doing.RESET])
def test_a_service_that_dies_in_mid_session_is_not_said_to_have_left_the_card_alone(doing: Doing) -> None:
    error = pcsc_error(0x8010001D, doing)
    assert isinstance(error, ServiceNotRunning)
    assert "No card was touched" not in error.text.en and "触れていません" not in error.text.ja
