"""The session of the input-assist application 券面事項入力補助AP."""

from __future__ import annotations

from mnverify.card.session import Session
from mnverify.errors import UsageError
from mnverify.files.input_assist import parse_transport_key
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Domain


class InputAssist(Session):
    """Reads the four attributes as text (``Purpose.ATTRIBUTES``); in role ``my-number-office`` also the 個人番号
    (``Purpose.NUMBER``).

    ::

        with InputAssist.open(link) as session:
            session.present(Pin(digits))
            evidence = session.read(Purpose.ATTRIBUTES)
    """

    __slots__ = ()
    domain = Domain.INPUT_ASSIST

    def start_secure_messaging(self) -> None:
        """Encipher what follows: credentials and files do not go over the air in the clear.

        The PIN has to be presented in this session first. Reads EF ``0006``, two exchanges.

        Raises:
            UsageError: the PIN was not presented in this session, or this was called before; nothing was sent.
            LinkError: the link cannot carry extended length; the session goes on in the clear.
            UnsupportedCard, EvidenceError: EF ``0006`` holds no key of the known kind.
            CardRefused: the card does not take the session key.
        """
        from mnverify.card.secure_messaging import SECRET_LENGTH, SecureChannel

        with self._open():
            if CredentialKind.PIN not in self._gate.verified or isinstance(self._channel, SecureChannel):
                raise UsageError(
                    Text(
                        "Secure messaging starts once, after the PIN was presented in this session. Nothing was sent.",
                        "セキュアメッセージングは、このセッションで暗証番号を提示した後に一度だけ開始できます。何も送っていません。",
                    )
                )
            rule = self._rules.file_with("transport-key")
            transport_key = parse_transport_key(self._channel.read_file(rule))
            channel = SecureChannel(self._gate, self._random(SECRET_LENGTH))
            channel.establish(transport_key, self._profile.scheme)
            self._channel = channel
