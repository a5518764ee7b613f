"""Asking a person for a number so that no try is spent on a slip: what is printed on the card is typed as it is printed.

Birth date and number B stand on the card anyway and are shown while they are typed. PIN and number A are not.
"""

from __future__ import annotations

import getpass
import re
import sys
from collections.abc import Callable
from typing import TypeVar

from mnverify.card import Credential, VerificationNumberB, credential_from_text
from mnverify.card.typed import TypedBirthDate, read_birth_date
from mnverify.errors import CredentialFormatError
from mnverify.masked import MaskedText
from mnverify.text import Text
from mnverify.values.terms import CredentialKind

T = TypeVar("T")

NO_CREDENTIAL = Text(
    "No number was given. Nothing was sent to the card; type it at the prompt or send it as the first line of standard input.",
    "番号が入力されていません。カードには何も送っていません。入力欄または標準入力の1行目で与えてください。",
)
_BIRTH_DATE = Text(
    "Date of birth as printed on the card (昭和60年7月3日, S60.7.3 or 600703)",
    "券面の生年月日（昭和60年7月3日、S60.7.3、600703 など）",
)
_BIRTH_DATE_OR_B = Text(
    "Date of birth as printed on the card (昭和60年7月3日, S60.7.3 or 600703), or all 14 digits of number B",
    "券面の生年月日（昭和60年7月3日、S60.7.3、600703 など）、または照合番号B全体（14桁）",
)
_EXPIRY_YEAR = Text("Year until which the card is valid, four digits", "券面の有効期限の年（西暦4桁）")
_SECURITY_CODE = Text("Security code on the front, four digits", "おもて面のセキュリティコード（4桁）")
_HIDDEN = {
    CredentialKind.VERIFICATION_NUMBER_A: Text(
        "Verification number A (12 digits; not shown)", "照合番号A（12桁、画面には表示しません）"
    ),
    CredentialKind.PIN: Text("PIN (4 digits; not shown)", "暗証番号（4桁、画面には表示しません）"),
}
_NOT_A_YEAR = Text(
    "The year of expiry is four digits, as 2033. Nothing was sent.",
    "有効期限の年は 2033 のような西暦4桁です。何も送っていません。",
)
_NOT_A_CODE = Text(
    "The security code is four digits. Nothing was sent.", "セキュリティコードは4桁です。何も送っていません。"
)
_NOT_CONFIRMED = Text(
    "The date of birth was not confirmed. Nothing was sent to the card; type it as it is printed.",
    "生年月日が確認されませんでした。カードには何も送っていません。印刷どおりに入力してください。",
)
_YES = ("y", "yes", "ｙ", "はい")
_YES_OR_NO = Text(" [y/N]", " [y/N]")
_ATTEMPTS = 3  # a form that is wrong costs nothing, but nobody is asked for ever
_BETWEEN = re.compile(r"[\s\-‐‑–—−－ー・.]+")
_HALF_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")
_YEAR = re.compile(r"(20\d\d)年?", re.ASCII)
_CODE = re.compile(r"\d{4}", re.ASCII)


def ask(kind: CredentialKind, lang: str) -> Credential:
    """Ask at the terminal for a credential. Prompts go to standard error.

    Raises:
        CredentialFormatError: nothing was typed, or three times not in its form. Nothing was sent to a card.
    """
    prompt = _Prompt(lang)
    if kind is CredentialKind.BIRTH_DATE:
        return prompt.birth_date()
    if kind is CredentialKind.VERIFICATION_NUMBER_B:
        return prompt.number_b()
    return prompt.hidden(kind)


def number_b_in_one(text: MaskedText) -> MaskedText:
    """Number B with blanks and hyphens between its parts left out; any other text as it is."""
    joined = MaskedText(_BETWEEN.sub("", text.strip().translate(_HALF_WIDTH)))
    return joined if len(joined) == VerificationNumberB.length and joined.isdigit() else text


class _Prompt:
    """A conversation in one language."""

    def __init__(self, lang: str) -> None:
        self._lang = lang

    def birth_date(self) -> Credential:
        """The date of birth, as the card wants it."""
        return self._until(lambda: self._confirmed(read_birth_date(self._line(_BIRTH_DATE))).credential)

    def number_b(self) -> Credential:
        """Number B: in one, or in the three parts that are printed."""
        return self._until(self._number_b)

    def hidden(self, kind: CredentialKind) -> Credential:
        """A number that is not shown while it is typed."""
        return self._until(lambda: credential_from_text(kind, self._hidden_line(_HIDDEN[kind])))

    def _number_b(self) -> Credential:
        text = number_b_in_one(self._line(_BIRTH_DATE_OR_B))
        if len(text) == VerificationNumberB.length and text.isdigit():
            credential = credential_from_text(CredentialKind.VERIFICATION_NUMBER_B, text)
            self._confirmed(read_birth_date(MaskedText(text[:6])))
            return credential
        birth = self._confirmed(read_birth_date(text)).credential
        digits = MaskedText(birth.digits_for_card().decode())
        year = self._until(lambda: self._part(_EXPIRY_YEAR, _YEAR, _NOT_A_YEAR))
        code = self._until(lambda: self._part(_SECURITY_CODE, _CODE, _NOT_A_CODE))
        return VerificationNumberB.from_printed(digits, MaskedText(year[:4]), code)

    def _confirmed(self, typed: TypedBirthDate) -> TypedBirthDate:
        """What was typed, where it is no doubtful date, or where the person says that it is so printed."""
        if typed.question is not None and not self._yes(typed.question):
            raise _AskAgain(_NOT_CONFIRMED)
        return typed

    def _part(self, prompt: Text, form: re.Pattern[str], malformed: Text) -> MaskedText:
        text = MaskedText(self._line(prompt).translate(_HALF_WIDTH))
        if form.fullmatch(text) is None:
            raise CredentialFormatError(malformed)
        return text

    def _until(self, read: Callable[[], T]) -> T:
        """Ask again where the form is wrong. The end of the input is the end of it."""
        for left in reversed(range(_ATTEMPTS)):
            try:
                return read()
            except _Ended:
                raise CredentialFormatError(NO_CREDENTIAL) from None
            except CredentialFormatError as error:
                if not left:
                    raise
                if not isinstance(error, _AskAgain):
                    self._say(error.text)
        raise AssertionError  # the last attempt returns or raises

    def _yes(self, question: Text) -> bool:
        self._say(question, end=f"{_YES_OR_NO.in_language(self._lang)} ")
        return sys.stdin.readline(64).strip().lower() in _YES

    def _line(self, prompt: Text) -> MaskedText:
        self._say(prompt, end=": ")
        text = MaskedText(sys.stdin.readline(256))
        if not text:  # Ctrl+D
            self._say(Text("", ""))
        if not text.strip():
            raise _Ended
        return MaskedText(text.strip())

    def _hidden_line(self, prompt: Text) -> MaskedText:
        try:
            text = MaskedText(getpass.getpass(f"{prompt.in_language(self._lang)}: ", stream=sys.stderr))
        except EOFError:
            self._say(Text("", ""))
            raise _Ended from None
        if not text.strip():
            raise _Ended
        return MaskedText(text.strip())

    def _say(self, text: Text, end: str = "\n") -> None:
        print(text.in_language(self._lang), end=end, file=sys.stderr, flush=True)


class _Ended(Exception):
    """Nothing was typed, or the input came to its end."""


class _AskAgain(CredentialFormatError):
    """The person says that it is not so printed."""
