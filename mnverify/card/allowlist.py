"""Which commands one domain and role may send: data drawn from the card profile, and a judge that knows nothing else.

Forms are exact; whatever is not written here is refused. Who may what is the standard's 第3の2(7)ウ, 第6 and 第7.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mnverify.card import apdu
from mnverify.card.apdu import Command
from mnverify.card.state import Allowed, CardState, Effect
from mnverify.profile import DomainProfile, KeyRule
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Role

PLAIN, OWN, SECURE = 0x00, 0x80, 0x08  # class bytes: ISO, the card's own, secure messaging
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")  # SHA-256, 32 bytes follow (RFC 8017, 9.2)
_TRANSPORT_KEY = "transport-key"  # the layout whose presence makes a domain one with secure messaging
_SECURE_PIN = b"\x86\x11\x01"  # one block of ciphertext follows: no credential is longer than 15 digits
_SECURE_LE = b"\x96\x03\x00"


_FORM = Text("this form of the command is not on the allow-list", "許可された形のコマンドではありません")
_UNKNOWN = Text("the instruction is not on the allow-list", "許可された命令ではありません")
_AID = Text("only the domain's own full AID is ever selected", "この領域の完全なAID以外は選択できません")
_FILE = Text("the file is not permitted", "許可されたファイルではありません")
_KEY = Text("the key is not permitted", "許可された鍵ではありません")
_CURRENT = Text("the current file is not a permitted one", "現在のファイルが許可されたものではありません")
_NOT_SELECTED = Text("the application is not selected", "アプリケーションが選択されていません")
_NO_MORE = Text("the last answer announced no more data", "続きのデータがありません")
_NO_PIN = Text("the PIN was not verified in this session", "このセッションで暗証番号が照合されていません")
_NO_KEY = Text("no session key is set", "セッション鍵が設定されていません")


class AllowList:
    """The commands of one domain and role.

    Args:
        domain: the domain as data.
        role: decides which files and keys are permitted.
    """

    def __init__(self, domain: DomainProfile, role: Role) -> None:
        self._aid = domain.aid
        self._files = {int(i, 16): i for i in domain.files_for(role)}
        self._keys: Mapping[int, KeyRule] = {rule.sfi: rule for rule in domain.keys_for(role).values()}
        self._has_session_key = any(rule.layout == _TRANSPORT_KEY for rule in domain.files.values())
        self._rules: dict[tuple[int, int], Callable[[Command, CardState], Allowed | Text]] = {
            (PLAIN, apdu.SELECT): self._select,
            (PLAIN, apdu.READ_BINARY): self._read,
            (PLAIN, apdu.VERIFY): self._verify,
            (PLAIN, apdu.GET_RESPONSE): self._get_response,
            (OWN, apdu.SIGN): self._sign,
        }
        if self._has_session_key:
            self._rules |= {
                (OWN, apdu.SET_SESSION_KEY): self._set_session_key,
                (SECURE, apdu.READ_BINARY): self._secure_read,
                (SECURE, apdu.VERIFY): self._secure_verify,
            }

    def judge(self, command: Command, state: CardState) -> Allowed | Text:
        """What follows from the command, or the reason of refusal."""
        rule = self._rules.get((command.cla, command.ins))
        if rule is None:
            return _UNKNOWN
        if not state.selected and (command.ins, command.p1) != (apdu.SELECT, 0x04):
            return _NOT_SELECTED
        return rule(command, state)

    def _select(self, command: Command, _: CardState) -> Allowed | Text:
        if command.extended or command.le is not None or command.p2 != 0x0C:
            return _FORM
        if command.p1 == 0x04:
            return Allowed("SELECT application", Effect.SELECT_DOMAIN) if command.data == self._aid else _AID
        if command.p1 != 0x02 or len(command.data) != 2:
            return _FORM
        ef = int.from_bytes(command.data)
        if ef in self._files or ef in self._keys:
            return Allowed(f"SELECT {ef:04X}", Effect.SELECT_EF, ef)
        return _FILE

    def _read(self, command: Command, state: CardState) -> Allowed | Text:
        if command.data or command.le is None:
            return _FORM
        if not command.p1 & 0x80:
            if state.current not in self._files:
                return _CURRENT
            return Allowed(f"READ BINARY {state.current:04X}")
        return self._by_sfi(command)

    def _by_sfi(self, command: Command) -> Allowed | Text:
        if command.p1 & 0xE0 != 0x80:
            return _FORM
        ef = command.p1 & 0x1F
        if ef not in self._files:
            return _FILE
        return Allowed(f"READ BINARY {self._files[ef]}", Effect.SELECT_EF, ef)

    def _key(self, command: Command, state: CardState) -> KeyRule | Text:
        if command.extended or command.le is not None or command.p1 or command.p2 & 0xE0 != 0x80:
            return _FORM
        ef = command.p2 & 0x1F or state.current
        return self._keys.get(ef, _KEY) if ef is not None else _KEY

    def _verify(self, command: Command, state: CardState) -> Allowed | Text:
        key = self._key(command, state)
        if isinstance(key, Text):
            return key
        current = state.current if command.p2 == 0x80 else None  # by SFI: not sure which file is current afterwards
        if not command.data:
            return Allowed(f"VERIFY {key.key_id} (counter)", Effect.COUNTER, current, key=key.sfi)
        if len(command.data) != key.digits or not (command.data.isascii() and command.data.isdigit()):
            return _FORM
        return Allowed(f"VERIFY {key.key_id}", Effect.VERIFY, current, key.kind, key.sfi)

    def _sign(self, command: Command, _: CardState) -> Allowed | Text:
        whole = command.le in (256, 65536) if command.extended else command.le == 256
        digest_info = len(command.data) == len(_DIGEST_INFO) + 32 and command.data.startswith(_DIGEST_INFO)
        if command.p1 or command.p2 or not whole or not digest_info:
            return _FORM
        return Allowed("INTERNAL AUTHENTICATE")

    def _get_response(self, command: Command, state: CardState) -> Allowed | Text:
        if command.p1 or command.p2 or command.data or command.extended or command.le is None:
            return _FORM
        return Allowed("GET RESPONSE") if state.more else _NO_MORE

    def _set_session_key(self, command: Command, state: CardState) -> Allowed | Text:
        if command.p1 or command.p2 or not command.extended or command.le is not None or len(command.data) != 256:
            return _FORM
        return Allowed("SET SESSION KEY", Effect.SESSION_KEY) if CredentialKind.PIN in state.verified else _NO_PIN

    def _secure_read(self, command: Command, state: CardState) -> Allowed | Text:
        if not state.secure:
            return _NO_KEY
        whole = command.extended and command.le == 65536 and command.p2 == 0
        if not whole or len(command.data) != 5 or not command.data.startswith(_SECURE_LE) or command.p1 & 0x80 == 0:
            return _FORM
        return self._by_sfi(command)

    def _secure_verify(self, command: Command, state: CardState) -> Allowed | Text:
        if not state.secure:
            return _NO_KEY
        if len(command.data) != 3 + 16 or not command.data.startswith(_SECURE_PIN) or command.p2 == 0x80:
            return _FORM
        key = self._key(command, state)
        if isinstance(key, Text):
            return key
        return Allowed(f"VERIFY {key.key_id}", Effect.VERIFY, None, key.kind, key.sfi)
