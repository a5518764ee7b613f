"""Every error of the SDK: one root, one class per cause that a caller can act on.

    MnverifyError
    ├── UsageError                 the call itself is wrong
    │   └── CredentialFormatError  a credential has not the form the card wants; nothing was sent
    ├── MissingExtra               an optional dependency is not installed
    ├── EvidenceError              bytes that are not evidence, or a card file that is not laid out as it should be
    │   └── EvidenceRoleError      (also a RoleError) evidence holds what its role may not
    ├── UnsupportedCard            a layout or key of an unknown card generation: not forged, not verifiable
    ├── ImageError                 an image is broken or too large
    ├── TrustError                 a trust-anchors file is unreadable or contradicts itself
    ├── NotVerifiedError           the content of a rejected result was asked for
    ├── ScriptError                bytes that are not a script of a reading
    ├── RoleError                  the declared role may not do this
    │   └── NotStorable            evidence that must not leave memory was to be written
    ├── GateError                  a command is not on the allow-list; no byte was sent
    │   └── DomainBusy             the link has an open session; reset the card first
    ├── CredentialError            the credential did not open the card
    │   ├── WrongCredential        the card refused it; tries_left
    │   ├── CredentialBlocked      no tries are left; only the municipality can unblock it
    │   └── TooFewTries            not presented: tries_left is below the floor
    └── LinkError                  reader or card
        ├── NoReader / NoCard      nothing to talk to; a reader that was unplugged
        ├── ServiceNotRunning      the PC/SC service does not run, or was restarted
        ├── NotAllowed             the operating system refuses this user (polkit, udev, group)
        ├── ReaderInUse            another program holds the reader
        ├── ReaderUnsuitable       the reader cannot do Type B, or not over this stack
        ├── TooManyCards           more than one card is in the field
        ├── DifferentCard          a reading was to be resumed on another card
        ├── Cancelled              a wait was cancelled
        ├── CardLost               the card left the field or stopped answering in mid-session
        ├── LinkTimeout            no answer within the deadline
        ├── LinkCorrupt            an answer that no card can give
        ├── NotMyNumberCard        the card does not have the application
        ├── UnexpectedCommand      a replayed script does not go on so
        └── CardRefused            an unexpected status word, status_word

Each message says what happened, what was not done, and what to do, in English (``str``) and Japanese (``text.ja``). No message
holds a credential or personal data.
"""

from __future__ import annotations

from mnverify.text import Text


class MnverifyError(Exception):
    """Root of all errors that the SDK raises on purpose.

    Attributes:
        text: the message in English and Japanese.
    """

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class UsageError(MnverifyError, ValueError):
    """The call itself is wrong: an argument has not the documented form."""


class CredentialFormatError(UsageError):
    """A credential has not the form the card wants. Nothing was sent; no try was spent."""


class MissingExtra(MnverifyError, ImportError):
    """An optional dependency is not installed.

    Args:
        package: the distribution that is missing.
        extra: the extra of mnverify that brings it.
    """

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            Text(
                f"This needs {package}, which is not installed. Install it with: pip install 'mnverify[{extra}]'",
                f"{package} がインストールされていません。pip install 'mnverify[{extra}]' で入れてください。",
            )
        )


class EvidenceError(MnverifyError, ValueError):
    """Bytes that are not evidence, or a card file that is not what its layout says. Nothing of it was used.

    Args:
        where: the place, as ``files.0002`` or ``files.0002 tag DF25 offset 612``.
        why: the reason, without personal data.
    """

    def __init__(self, where: str, why: str) -> None:
        super().__init__(
            Text(
                f"This cannot be read as evidence: {where}: {why}. Nothing of it was used; read the card again.",
                f"証拠データとして読めません（{where}: {why}）。内容は一切使っていません。カードを読み直してください。",
            )
        )
        self.where = where
        self.why = why


class UnsupportedCard(MnverifyError):
    """A layout, key or algorithm of a card generation that this version does not know. It is not called forged.

    Args:
        where: the place, as ``files.0002``.
        why: what was met.
    """

    def __init__(self, where: str, why: str) -> None:
        super().__init__(
            Text(
                f"This card is of a generation that mnverify does not know: {where}: {why}. "
                "Nothing was verified; look for a newer version.",
                f"mnverify が対応していない世代のカードです（{where}: {why}）。検証はしていません。新しい版を確認してください。",
            )
        )
        self.where = where
        self.why = why


class ImageError(MnverifyError):
    """An image is broken or larger than the bounds. It was not decoded."""


class TrustError(MnverifyError):
    """A trust-anchors file is unreadable or contradicts itself. No anchor of it was taken."""


class NotVerifiedError(MnverifyError):
    """The content of a rejected result was asked for. There is none."""


class RoleError(MnverifyError):
    """The declared role may not do this (番号法). Nothing was sent or kept."""


class EvidenceRoleError(EvidenceError, RoleError):
    """Evidence holds what its role may not hold."""


class NotStorable(RoleError):
    """Input-assist evidence of role ``general`` was to be written; its signature leads back to the 個人番号."""


class GateError(MnverifyError):
    """The gate refused a command. No byte was sent."""


class DomainBusy(GateError):
    """The link has an open session; close it (which resets the card) first."""


class CredentialError(MnverifyError):
    """The credential did not open the card."""

    def __init__(self, text: Text, tries_left: int) -> None:
        super().__init__(text)
        self.tries_left = tries_left


class WrongCredential(CredentialError):
    """The card refused the credential. Attribute ``tries_left``: tries that remain."""

    def __init__(self, tries_left: int) -> None:
        super().__init__(
            Text(
                f"The card refused the number: {tries_left} tries are left. Nothing was read; check it with the holder.",
                f"番号が違います。残り{tries_left}回です。何も読んでいません。本人に確認してください。",
            ),
            tries_left,
        )


class CredentialBlocked(CredentialError):
    """No tries are left. Only the municipality of the holder can unblock the credential."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "This number is blocked on the card. Nothing was read; the holder can have it unblocked at the city office.",
                "この番号はカード上でロックされています。何も読んでいません。市区町村の窓口で解除できます。",
            ),
            0,
        )


class TooFewTries(CredentialError):
    """The credential was not presented, because too few tries are left. Attributes ``tries_left``, ``floor``."""

    def __init__(self, tries_left: int, floor: int) -> None:
        super().__init__(
            Text(
                f"Only {tries_left} tries are left, and at least {floor} are asked for. "
                "The number was not presented; the holder should use the card elsewhere first.",
                f"残り{tries_left}回しかないため（下限{floor}回）、番号を送りませんでした。本人が別の場所で正しく使うと回数が戻ります。",
            ),
            tries_left,
        )
        self.floor = floor


class LinkError(MnverifyError):
    """Reader or card: the exchange did not work."""


class NoReader(LinkError):
    """There is no such reader."""


class NoCard(LinkError):
    """There is no card in the reader."""


class CardLost(LinkError):
    """The card left the field or stopped answering in mid-session."""


class LinkTimeout(LinkError):
    """No answer within the deadline."""


class LinkCorrupt(LinkError):
    """An answer that no card can give: the link cannot be trusted any more."""


class NotMyNumberCard(LinkError):
    """The card does not have the application that was asked for."""


class CardRefused(LinkError):
    """The card answered with an unexpected status word.

    Args:
        doing: what was being done, as ``reading EF 0002``, in both languages or one word for both.
        status_word: the two status bytes as a number.
    """

    def __init__(self, doing: Text | str, status_word: int) -> None:
        en, ja = (doing, doing) if isinstance(doing, str) else doing
        super().__init__(
            Text(
                f"The card refused {en} with status {status_word:04X}. Take the card off the reader and try again.",
                f"カードが応答 {status_word:04X} で拒否しました（{ja}）。カードを置き直してもう一度お試しください。",
            )
        )
        self.status_word = status_word


class ServiceNotRunning(LinkError):
    """The PC/SC service (pcscd, SCardSvr) does not run, or was stopped or restarted in mid-session."""


class NotAllowed(LinkError):
    """The operating system does not let this user at the reader (polkit, udev, group)."""


class ReaderInUse(LinkError):
    """Another program, or an exchange that has not come back, holds the reader or the card."""


class ReaderUnsuitable(LinkError):
    """The reader cannot do what a My Number Card needs (ISO/IEC 14443 Type B), or not over this stack."""


class TooManyCards(LinkError):
    """More than one card is in the field."""


class DifferentCard(LinkError):
    """A reading was to be resumed on another card than it began on. Nothing of the two is mixed."""


class Cancelled(LinkError):
    """A wait was cancelled from another thread."""


class UnexpectedCommand(LinkError):
    """A replayed script does not go on with this command."""


class ScriptError(MnverifyError, ValueError):
    """Bytes that are not a script of a reading. Nothing of it was played."""
