"""A link that plays a script of a reading, and fails on any other command: for tests of programs, in any language."""

from __future__ import annotations

import hmac
from types import TracebackType

from mnverify.errors import LinkCorrupt, LinkError, UnexpectedCommand, UsageError
from mnverify.link import LinkCapabilities, redeem_if_permitted, was_reset
from mnverify.readers.model import CardLink
from mnverify.readers.scripts.observer import LINK_ERRORS
from mnverify.readers.scripts.script import Exchange, Script
from mnverify.text import Text

_NAMES = {
    0xA4: "SELECT",
    0xB0: "READ BINARY",
    0x20: "VERIFY",
    0x2A: "INTERNAL AUTHENTICATE",
    0xC0: "GET RESPONSE",
    0xAE: "SET SESSION KEY",
}
_RESET = Text("a reset", "リセット")
_END = Text("the end", "終わり")


def scripted_error(word: str) -> LinkError:
    """The error of a link for its word in a script.

    Raises:
        KeyError: there is no such word.
    """
    return LINK_ERRORS[word](
        Text(
            f"The script has an error of the link here: {word}. Nothing that was read is used.",
            f"スクリプトのこの位置には接続エラー（{word}）が記録されています。読み取った内容は使いません。",
        )
    )


class ReplayLink(CardLink):
    """Plays a script. It reaches no card, so it takes commands that came through no gate too.

    Each command has to be the next one of the script, byte for byte. A reset has to come where the script has one; before the
    first command, after the last, after an error and after another reset it may come or not. Once a command was another one,
    nothing is answered any more until ``rewind``.

    ::

        link = ReplayLink(Script.from_json(text))
        with FaceCheck.open(link, random=lambda n: script.challenge) as session:
            session.present(credential_from_text(CredentialKind(script.credential), script.credential_value))
            session.read(*map(Purpose, script.purposes), challenge=script.challenge, presence=script.challenge is not None)
        assert link.finished

    Args:
        script: what to play.
        strict_end: leaving the context before the last command was played raises ``UnexpectedCommand``.

    Attributes:
        capabilities: what the script's link was known to carry; learnt on as in any reading.
        reader_name: ``replay``.
    """

    reader_name = "replay"

    def __init__(self, script: Script, *, strict_end: bool = False) -> None:
        self._script = script
        self._strict_end = strict_end
        self.capabilities = LinkCapabilities()
        self.rewind()

    @property
    def finished(self) -> bool:
        """Whether every command of the script was played, and no other."""
        return not self._astray and all(step.command is None for step in self._script.exchanges[self._at :])

    def rewind(self) -> None:
        """Begin anew, with what is known of the link as it was at first; also after ``close``."""
        self.capabilities.extended, self.capabilities.max_short = self._script.extended, self._script.max_short
        self._at = 0
        self._astray = self._closed = False
        self._error: str | None = None

    def transmit(self, command: bytes) -> bytes:
        """The scripted answer to the next command.

        Raises:
            UnexpectedCommand: the script does not go on with this command, or has ended.
            LinkError: the class that the script has here; after any but ``LinkCorrupt`` again and again, until ``reset``.
            UsageError: the link was closed.
        """
        self._check_open()
        command = redeem_if_permitted(command, self)
        if self._error is not None:
            raise scripted_error(self._error)
        at = self._at
        while self._at_edge(at) and self._is_reset(at):
            at += 1
        step = self._step(at)
        if self._astray or step is None or not _same(step.command, command):
            raise self._unexpected(at, _named(Exchange(command)))
        self._at = at + 1
        if step.error is None:
            return step.answer or b""
        if LINK_ERRORS[step.error] is not LinkCorrupt:
            self._error = step.error
        raise scripted_error(step.error)

    def reset(self) -> None:
        """Play a reset.

        Raises:
            UnexpectedCommand: the script has none here.
            UsageError: the link was closed.
        """
        self._check_open()
        if self._astray or not (self._is_reset(self._at) or self._error or self._at_edge(self._at)):
            raise self._unexpected(self._at, _RESET)
        while self._is_reset(self._at):
            self._at += 1
        self._error = None
        was_reset(self)

    def is_present(self) -> bool:
        """Whether a command could be answered."""
        return not (self._closed or self._astray or self._error)

    def close(self) -> None:
        """Play nothing any more. Closing again does nothing."""
        self._closed = True

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()
        if self._strict_end and error is None and not self.finished:
            raise self._unexpected(self._at, _END)

    def __repr__(self) -> str:
        return f"ReplayLink({self._at} of {len(self._script.exchanges)} steps)"

    def _step(self, at: int) -> Exchange | None:
        return self._script.exchanges[at] if at < len(self._script.exchanges) else None

    def _is_reset(self, at: int) -> bool:
        step = self._step(at)
        return step is not None and step.command is None

    def _at_edge(self, at: int) -> bool:
        """Before the first command, after the last, or after a reset."""
        return at in (0, len(self._script.exchanges)) or self._is_reset(at - 1)

    def _check_open(self) -> None:
        if self._closed:
            raise UsageError(Text("The replay is closed; rewind it.", "再生は閉じています。rewind で戻してください。"))

    def _unexpected(self, at: int, came: Text) -> UnexpectedCommand:
        self._astray = True
        wanted = _named(self._step(at))
        if came == wanted:
            came = Text(f"another {came.en}", f"内容の違う{came.ja}")
        return UnexpectedCommand(
            Text(
                f"Step {at} of the script is {wanted.en}, not {came.en}. Nothing was answered; rewind the script.",
                f"スクリプトの{at}番目は{wanted.ja}ですが、{came.ja}が来ました。応答していません。rewind で戻してください。",
            )
        )


def _same(expected: bytes | None, command: bytes) -> bool:
    return expected is not None and hmac.compare_digest(expected, bytes(command))


def _named(step: Exchange | None) -> Text:
    """Instruction and length; no data."""
    if step is None:
        return _END
    if step.command is None:
        return _RESET
    ins = step.command[1] if len(step.command) > 1 else 0
    name, length = _NAMES.get(ins, f"INS {ins:02X}"), len(step.command)
    return Text(f"{name} of {length} bytes", f"{name}（{length}バイト）")
