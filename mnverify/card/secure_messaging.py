"""Secure messaging of the input-assist application: a channel whose credentials and files are enciphered.

It hides what goes over the air and nothing else: there is no integrity. What is read is trusted for its signatures.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256

from mnverify.card import apdu
from mnverify.card.apdu import Command, Response
from mnverify.card.exchange import TOO_SHORT, Channel, Progress, whole_length
from mnverify.card.gate import Gate
from mnverify.errors import CardRefused, EvidenceError, LinkError, LinkUnreliable, UnsupportedCard
from mnverify.files.input_assist import TransportKey
from mnverify.masked import MaskedBytearray, MaskedBytes
from mnverify.profile import FileRule, KeyRule, SignatureScheme
from mnverify.text import Text

SECRET_LENGTH = 32  # random bytes sent to the card; the first sixteen are the key
_OTHER_KEY = Text("the transport key is not of the known kind", "転送用の鍵が既知の種類ではありません")
_BLOCK = 16
_SECURE = 0x08
_SECRET_HEAD = bytes.fromhex("a0228020")
_WHOLE_FILE = bytes.fromhex("9603000000")


class SecureChannel(Channel):
    """VERIFY and READ BINARY enciphered under a session key; everything else in the clear.

    Args:
        gate: the gate of the session, whose PIN was verified.
        secret: 32 random bytes.
    """

    def __init__(self, gate: Gate, secret: bytes) -> None:
        super().__init__(gate)
        self._secret = MaskedBytes(secret)
        self._count = 0

    def establish(self, transport_key: TransportKey, scheme: SignatureScheme) -> None:
        """Send the session key to the card.

        Args:
            transport_key: EF ``0006``.
            scheme: what size and exponent the generation's keys have.

        Raises:
            UnsupportedCard: the key is weaker than the generation's.
            LinkError: the link cannot carry extended length, which this needs.
            CardRefused: the card does not take the key.
        """
        if self._carries.extended is False:
            raise _needs_extended()
        key = transport_key.key
        modulus = int.from_bytes(key.modulus)
        if modulus.bit_length() < scheme.key_bits or key.exponent != scheme.exponent:
            raise UnsupportedCard("files.0006", _OTHER_KEY)
        oaep = padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)
        public_key = rsa.RSAPublicNumbers(key.exponent, modulus).public_key()
        ciphertext = public_key.encrypt(_SECRET_HEAD + self._secret, oaep)
        answer = self.once(Command(0x80, apdu.SET_SESSION_KEY, 0x00, 0x00, ciphertext, None, extended=True))
        if answer.status_word == 0x6700:
            raise _needs_extended()
        if answer.status_word != 0x9000:
            raise CardRefused(Text("the session key", "セッション鍵の設定"), answer.status_word)

    def verify(self, key: KeyRule, digits: bytes, *, allow_last_try: bool = False) -> int:
        """Present a credential enciphered, once; the status word as it comes."""
        data = b"\x86\x11\x01" + self._encrypted(digits)
        command = Command(_SECURE, apdu.VERIFY, 0x00, 0x80 | key.sfi, data)
        return self.once(command, allow_last_try=allow_last_try).status_word

    def read_file(
        self, rule: FileRule, progress: Progress | None = None, data: MaskedBytearray | None = None
    ) -> MaskedBytes:
        """Read a file enciphered, in one exchange; what its TLV header announces, and the filler that a digest covers.

        There is no half of it to keep: ``data`` is not used.

        Raises:
            EvidenceError: the file does not begin with a TLV, or ends before its object.
            CardRefused: the card does not give it, or the session key is gone.
            LinkUnreliable: the answer is not enciphered as it should be.
        """
        iv = self._next_iv()
        command = Command(_SECURE, apdu.READ_BINARY, 0x80 | rule.sfi, 0x00, _WHOLE_FILE, 65536, extended=True)
        answer = self.send(command)
        if not answer.ok:
            raise CardRefused(
                Text(f"reading EF {rule.file_id} enciphered", f"EF {rule.file_id} の暗号化読み取り"), answer.status_word
            )
        content = self._decrypted(answer, iv)
        total = whole_length(rule, content)
        if len(content) < total:
            raise EvidenceError(f"files.{rule.file_id}", TOO_SHORT)
        if progress is not None:
            progress(total, total)
        return content[:total]

    def _next_iv(self) -> bytes:
        """The IV of the next command and its answer: the counter, enciphered. It counts refused commands too."""
        self._count += 1
        return self._run(bytes(_BLOCK), self._count.to_bytes(_BLOCK))

    def _run(self, iv: bytes, plain: bytes) -> bytes:
        cipher = Cipher(algorithms.AES(self._secret[:16]), modes.CBC(iv)).encryptor()
        return cipher.update(plain) + cipher.finalize()

    def _encrypted(self, plain: bytes) -> bytes:
        padded = MaskedBytes(plain + b"\x80" + bytes(-(len(plain) + 1) % _BLOCK))
        return self._run(self._next_iv(), padded)

    def _decrypted(self, answer: Response, iv: bytes) -> MaskedBytes:
        ciphertext = _ciphertext(answer.data)
        cipher = Cipher(algorithms.AES(self._secret[:16]), modes.CBC(iv)).decryptor()
        padded = MaskedBytes(cipher.update(ciphertext) + cipher.finalize())
        plain = MaskedBytes(padded.rstrip(b"\0"))
        if not plain.endswith(b"\x80") or len(padded) - len(plain) >= _BLOCK:
            raise _not_enciphered()
        return plain[:-1]


def _ciphertext(data: MaskedBytes) -> MaskedBytes:
    """The blocks in ``86 <len> 01 <ciphertext>``."""
    if len(data) < 3 or data[0] != 0x86 or data[1] == 0x80 or data[1] > 0x83:
        raise _not_enciphered()
    start = 2 if data[1] < 0x80 else 2 + (data[1] & 0x7F)
    length = data[1] if data[1] < 0x80 else int.from_bytes(data[2:start])
    value = data[start:]
    if len(value) != length or not value or value[0] != 1 or len(value) % _BLOCK != 1 or len(value) == 1:
        raise _not_enciphered()
    return value[1:]


def _not_enciphered() -> LinkUnreliable:
    return LinkUnreliable(
        Text(
            "The card's answer is not enciphered as it should be. Take the card off the reader and try again.",
            "カードの応答が正しく暗号化されていません。カードを置き直してもう一度お試しください。",
        )
    )


def _needs_extended() -> LinkError:
    return LinkError(
        Text(
            "Secure messaging needs extended-length commands, which this reader or card does not carry. "
            "Nothing was presented; use another reader or read without it.",
            "セキュアメッセージングには拡張長コマンドが必要ですが、この読み取り機またはカードでは使えません。"
            "何も提示していません。別の読み取り機を使うか、暗号化せずに読み取ってください。",
        )
    )
