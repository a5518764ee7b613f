"""The card's end of secure messaging in the input-assist domain."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256

from mnverify.virtual.command import Refusal
from mnverify.virtual.encoding import tlv

_BLOCK = 16
_KEY_HEAD = bytes.fromhex("A0228020")
_LE_HEAD = bytes.fromhex("960300")


def unwrap_session_key(key: rsa.RSAPrivateKey, wrapped: bytes) -> bytes:
    """The 16-byte session key in a SET SESSION KEY command.

    Raises:
        Refusal: ``6A80``, it does not decrypt to ``A0 22 80 20 <32 bytes>``.
    """
    try:
        plain = key.decrypt(wrapped, padding.OAEP(padding.MGF1(SHA256()), SHA256(), None))
    except ValueError:
        raise Refusal(0x6A80) from None
    if len(plain) != 36 or plain[:4] != _KEY_HEAD:
        raise Refusal(0x6A80)
    return plain[4:20]


class SecureSession:
    """A session key and its counter. Confidentiality only: there is no integrity in this protocol."""

    def __init__(self, key: bytes) -> None:
        self._key = algorithms.AES128(key)
        self._counter = 0

    def next_command(self) -> None:
        """Count a secure command; the first one is number 1. Refused ones count too."""
        self._counter += 1

    def decrypt(self, data: bytes) -> bytes:
        """The plain data of ``86 <len> 01 <ciphertext>``.

        Raises:
            Refusal: ``6988``, the object or its padding is wrong.
        """
        ciphertext = data[3:]
        if data != b"\x86" + bytes([len(ciphertext) + 1 & 0xFF]) + b"\x01" + ciphertext or len(ciphertext) > 126:
            raise Refusal(0x6988)
        if not ciphertext or len(ciphertext) % _BLOCK:
            raise Refusal(0x6988)
        decryptor = Cipher(self._key, modes.CBC(self._iv())).decryptor()
        plain, mark, rest = (decryptor.update(ciphertext) + decryptor.finalize()).rpartition(b"\x80")
        if not mark or rest.strip(b"\0") or len(rest) >= _BLOCK:
            raise Refusal(0x6988)
        return plain

    def encrypt(self, plain: bytes) -> bytes:
        """The object ``86 <len> 01 <ciphertext>`` of an answer."""
        padded = plain + b"\x80" + bytes(-(len(plain) + 1) % _BLOCK)
        encryptor = Cipher(self._key, modes.CBC(self._iv())).encryptor()
        return tlv(0x86, b"\x01", encryptor.update(padded), encryptor.finalize())

    def expected_length(self, data: bytes) -> int:
        """The length asked for in ``96 03 00 <two bytes>``; 65536 for the whole file.

        Raises:
            Refusal: ``6988``, the object is wrong.
        """
        if len(data) != 5 or data[:3] != _LE_HEAD:
            raise Refusal(0x6988)
        return int.from_bytes(data[3:]) or 65536

    def _iv(self) -> bytes:
        encryptor = Cipher(self._key, modes.CBC(bytes(_BLOCK))).encryptor()
        return encryptor.update(self._counter.to_bytes(_BLOCK)) + encryptor.finalize()
