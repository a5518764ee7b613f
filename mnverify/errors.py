"""Every error of the SDK: one root, one class per cause that a caller can act on.

    MnverifyError                  error
    ├── UsageError                 usage                 the call itself is wrong
    │   ├── CredentialFormatError  credential-format     a credential has not the form the card wants; nothing was sent
    │   └── UnreadableFile         unreadable-file       a file cannot be opened or read
    ├── MissingExtra               missing-package       an optional dependency is not installed
    ├── MissingFont                missing-font          this machine lacks a typeface that a virtual card is drawn with
    ├── EvidenceError              malformed-evidence    bytes that are no evidence, a card file that is not laid out right
    │   └── EvidenceRoleError      evidence-not-for-role (also a RoleError) evidence holds what its role may not
    ├── UnsupportedCard            unsupported-card      an unknown card generation: not forged, not verifiable
    ├── ImageError                 bad-image             an image is broken or too large
    ├── PrintedDataError           malformed-printed-data  a document that is no printed data
    ├── PictureError               unusable-picture      a picture of a card cannot be used: broken, too large, too dark, blurred
    │   ├── CardNotFound           card-not-found        no whole card is in the picture
    │   ├── SeveralCards           several-cards         more than one card is in the picture
    │   ├── DoubtfulPrint          doubtful-print        what 照合番号B is made of was not read surely; ``fields``
    │   ├── CodeNotFound           code-not-found        no QR code is in the picture
    │   ├── CodeRefused            code-refused          the QR code is not the one of a card, or there are several
    │   └── NotMasked              not-masked            it is not sure that all of the 個人番号 was found; nothing was written
    ├── TrustError                 bad-trust-anchors     a trust-anchors file is unreadable or contradicts itself
    ├── NotVerifiedError           not-verified          the content of a rejected result was asked for
    ├── ArchiveError               archive               an archive or its output cannot be read, written or gone on with
    ├── ScriptError                malformed-script      bytes that are not a script of a reading
    ├── RoleError                  not-for-role          the declared role may not do this
    │   └── NotStorable            not-storable          evidence that must not leave memory was to be written
    ├── GateError                  gate-refused          a command is not on the allow-list; no byte was sent
    │   └── DomainBusy             domain-busy           the link has an open session; reset the card first
    ├── CredentialError            credential            the credential did not open the card
    │   ├── WrongCredential        wrong-credential      the card refused it; tries_left
    │   ├── CredentialBlocked      credential-blocked    no tries are left; only the municipality can unblock it
    │   └── TooFewTries            too-few-tries         not presented: tries_left is below the floor
    └── LinkError                  link                  reader or card
        ├── NoReader               no-reader             no such reader, or it was unplugged
        ├── NoCard                 no-card               no card on the reader
        ├── ServiceNotRunning      service-not-running   the PC/SC service does not run, or went away in mid-session
        ├── NotAllowed             not-allowed           the operating system refuses this user (polkit, udev, group)
        ├── ReaderInUse            reader-in-use         another program holds the reader
        ├── ReaderUnsuitable       reader-unsuitable     the reader cannot do Type B, or not over this stack
        ├── TooManyCards           too-many-cards        more than one card is in the field
        ├── DifferentCard          different-card        a reading was to be resumed on another card
        ├── Cancelled              cancelled             a wait was cancelled
        ├── CardLost               card-lost             the card left the field or stopped answering in mid-session
        ├── LinkTimeout            link-timeout          no answer within the deadline
        ├── LinkCorrupt            link-corrupt          this exchange went wrong; same card, not reset: a read may be asked again
        ├── LinkUnreliable         link-unreliable       answers come cut or garbled, however they are asked for
        ├── AlreadyVerified        already-verified      the card holds a credential that another program presented
        ├── NotMyNumberCard        not-my-number-card    the card does not have the application
        ├── UnexpectedCommand      unexpected-command    a replayed script does not go on so
        └── CardRefused            card-refused          an unexpected status word, status_word

The second word is the error's ``code``. It stays the same, one a class, in the command line's JSON, over HTTP and in the other
languages.

Each message says what happened, what was not done, and what to do, in English (``str``) and Japanese (``text.ja``). No message
holds a credential or personal data.
"""

from __future__ import annotations

import errno
from typing import ClassVar

from mnverify.text import Text


class MnverifyError(Exception):
    """Root of all errors that the SDK raises on purpose.

    Attributes:
        code: what happened, in one word that never changes: one a class, the same in the command line's JSON, over HTTP and in
            the other languages. A program decides by the class or by this, never by the message.
        text: the message in English and Japanese.
    """

    code: ClassVar[str] = "error"

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text

    def details(self) -> dict[str, str | int]:
        """What else a program can use, by name: ``tries_left``, ``where``, … No credential and no personal data."""
        return {}


class UsageError(MnverifyError, ValueError):
    """The call itself is wrong: an argument has not the documented form."""

    code = "usage"


class CredentialFormatError(UsageError):
    """A credential has not the form the card wants. Nothing was sent; no try was spent."""

    code = "credential-format"


_OS_REASONS = {
    "ENOENT": Text("no such file or folder", "ファイルまたはフォルダーがありません"),
    "EACCES": Text("permission denied", "アクセスが許可されていません"),
    "EPERM": Text("not permitted", "許可されていません"),
    "EISDIR": Text("it is a folder", "フォルダーです"),
    "ENOTDIR": Text("a part of the path is no folder", "パスの途中がフォルダーではありません"),
    "ENOSPC": Text("no space left", "空き容量がありません"),
    "EROFS": Text("the file system is read-only", "読み取り専用のファイルシステムです"),
    "ENAMETOOLONG": Text("the name is too long", "名前が長すぎます"),
    "ELOOP": Text("too many symbolic links", "シンボリックリンクが多すぎます"),
    "EDQUOT": Text("the quota is used up", "割り当て容量を使い切りました"),
    "EIO": Text("input/output error", "入出力エラーです"),
}


def os_reason(error: OSError) -> Text:
    """The operating system's reason in both languages, where it is a common one; else as it says it."""
    name = errno.errorcode.get(error.errno or 0, "")
    return _OS_REASONS.get(name) or Text.of(error.strerror or "I/O error")


class UnreadableFile(UsageError):
    """A file, or standard input, cannot be opened or read. It may be sound: nothing of it was seen.

    Args:
        path: as it was given.
        why: the operating system's reason.
    """

    code = "unreadable-file"

    def __init__(self, path: str, why: Text) -> None:
        super().__init__(
            Text(
                f"{path} cannot be read: {why.en}. Nothing of it was used; check the name and the rights on it.",
                f"{path} を読めません（{why.ja}）。内容は一切使っていません。ファイル名とアクセス権を確認してください。",
            )
        )
        self.path = path


class MissingExtra(MnverifyError, ImportError):
    """An optional dependency is not installed.

    Args:
        package: the distribution that is missing.
        extra: the extra of mnverify that brings it.
    """

    code = "missing-package"

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            Text(
                f"This needs {package}, which is not installed. Nothing was done. Install {package}, or mnverify from its "
                f"checkout or wheel with the extra [{extra}], as: pip install '.[{extra}]'",
                f"{package} がインストールされていないため、実行していません。{package} を入れるか、mnverify のチェックアウト"
                f"または wheel からエクストラ [{extra}] を付けて入れてください（例: pip install '.[{extra}]'）。",
            )
        )
        self.package = package
        self.extra = extra

    def details(self) -> dict[str, str | int]:
        """``package`` and ``extra``."""
        return {"package": self.package, "extra": self.extra}


class MissingFont(MnverifyError):
    """This machine lacks a typeface that a virtual card is drawn with. Nothing was drawn.

    Args:
        package: what Debian and Ubuntu call the package that brings it.
    """

    code = "missing-font"

    def __init__(self, package: str) -> None:
        super().__init__(
            Text(
                f"No Japanese typeface of {package} was found here. Nothing was drawn; install it (Debian, Ubuntu: apt install "
                f"{package}; elsewhere its font files go into ~/.fonts).",
                f"日本語書体（{package}）が見つからないため、何も描いていません。入れてからやり直してください（Debian・Ubuntu: "
                f"apt install {package}。ほかの環境ではフォントファイルを ~/.fonts に置いてください）。",
            )
        )
        self.package = package

    def details(self) -> dict[str, str | int]:
        """``package``."""
        return {"package": self.package}


_READ_AGAIN = Text(
    "Read the card again; if it stays so, 'mnverify card show' prints the structure of its files, without content, for a report.",
    "カードを読み直してください。直らないときは、mnverify card show が表示するファイルの構造（中身は含みません）を添えて"
    "お問い合わせください。",
)
_SEND_AGAIN = Text(
    "Have it made or sent again, whole and unchanged.",
    "欠けや改変のない証拠データを、もう一度作成または送信してもらってください。",
)

_OTHER_ROLE = Text(
    "Where the purpose of this reading permits it (番号法), take it in the role my-number-office; else ask for "
    "evidence without it.",
    "この読み取りの目的が番号法で認められている場合に限り、役割 my-number-office で扱ってください。そうでなければ、"
    "これを含まない証拠データを受け取ってください。",
)


class EvidenceError(MnverifyError, ValueError):
    """Bytes that are not evidence, or a card file that is not what its layout says. Nothing of it was used.

    What to do depends on the place: a card file is read again, anything else of the document is sent again.

    Args:
        where: the place, as ``files.0002`` or ``files.0002 tag DF25 offset 612``.
        why: the reason, in both languages, without personal data and without content.
    """

    code = "malformed-evidence"

    def __init__(self, where: str, why: Text) -> None:
        remedy = self._remedy(where)
        super().__init__(
            Text(
                f"This cannot be read as evidence: {where}: {why.en}. Nothing of it was used. {remedy.en}",
                f"証拠データとして読めません（{where}: {why.ja}）。内容は一切使っていません。{remedy.ja}",
            )
        )
        self.where = where
        self.why = why

    def details(self) -> dict[str, str | int]:
        """``where``."""
        return {"where": self.where}

    @staticmethod
    def _remedy(where: str) -> Text:
        return _READ_AGAIN if where.startswith(("files.", "segments.")) else _SEND_AGAIN


class UnsupportedCard(MnverifyError):
    """A layout, key or algorithm of a card generation that this version does not know. It is not called forged.

    Args:
        where: the place, as ``files.0002``.
        why: what was met, in both languages, without content.
    """

    code = "unsupported-card"

    def __init__(self, where: str, why: Text) -> None:
        super().__init__(
            Text(
                f"This card is of a generation that mnverify does not know: {where}: {why.en}. Nothing was verified; look for a "
                "newer version. 'mnverify card show' prints the structure of its files, without content, for a report.",
                f"mnverify が対応していない世代のカードです（{where}: {why.ja}）。検証はしていません。新しい版を確認してください。"
                "お問い合わせには、mnverify card show が表示するファイルの構造（中身は含みません）を添えてください。",
            )
        )
        self.where = where
        self.why = why

    def details(self) -> dict[str, str | int]:
        """``where``."""
        return {"where": self.where}


class ImageError(MnverifyError):
    """An image is broken or larger than the bounds. It was not decoded."""

    code = "bad-image"


class PrintedDataError(MnverifyError, ValueError):
    """A document that is not printed data. Nothing of it was used.

    Args:
        where: the member, as ``printed.expiry``.
        why: the reason, in both languages, without content.
    """

    code = "malformed-printed-data"

    def __init__(self, where: str, why: Text) -> None:
        super().__init__(
            Text(
                f"This cannot be read as printed data: {where}: {why.en}. Nothing of it was used. "
                "Correct it, or make it with 'mnverify scan --json'.",
                f"印字データとして読めません（{where}: {why.ja}）。内容は一切使っていません。"
                "直すか、mnverify scan --json で作り直してください。",
            )
        )
        self.where = where
        self.why = why

    def details(self) -> dict[str, str | int]:
        """``where``."""
        return {"where": self.where}


class PictureError(MnverifyError):
    """A picture of a card, from a camera, a scanner or a file, cannot be used. Nothing of it was kept.

    Args:
        why: what is wrong with it, in both languages, as a whole sentence without content.
        advice: what to do, to the person who holds the card, as a whole sentence: how to take the picture better.
    """

    code = "unusable-picture"

    def __init__(self, why: Text, advice: Text) -> None:
        super().__init__(
            Text(
                f"{why.en} Nothing of the picture was kept. {advice.en}",
                f"{why.ja}画像の内容は一切保存していません。{advice.ja}",
            )
        )
        self.why = why
        self.advice = advice


class CardNotFound(PictureError):
    """No whole card is in the picture."""

    code = "card-not-found"


class SeveralCards(PictureError):
    """More than one card is in the picture; which one is meant is not guessed."""

    code = "several-cards"


_PRINTED = {
    "birth_date": Text("the birth date", "生年月日"),
    "expiry": Text("the expiry", "有効期限"),
    "security_code": Text("the security code", "セキュリティコード"),
}


class DoubtfulPrint(PictureError):
    """照合番号B was not made of a picture: a part of it was not read, or not surely.

    Args:
        fields: names of the parts, of ``birth_date``, ``expiry`` and ``security_code``.
    """

    code = "doubtful-print"

    def __init__(self, fields: tuple[str, ...]) -> None:
        names = [_PRINTED[name] for name in fields]
        super().__init__(
            Text(
                f"It is not sure what the picture says of {', '.join(name.en for name in names)}.",
                f"画像から{'、'.join(name.ja for name in names)}を確実に読み取れません。",
            ),
            Text(
                "Type it as it is printed, or take the picture again.", "印字のとおり入力するか、撮り直してください。"
            ),
        )
        self.fields = fields

    def details(self) -> dict[str, str | int]:
        """``fields``, separated by commas."""
        return {"fields": ",".join(self.fields)}


class CodeNotFound(PictureError):
    """No QR code that can be read is in the picture."""

    code = "code-not-found"


class CodeRefused(PictureError):
    """The QR code is not the one of a card: other content, version or size; or there are several."""

    code = "code-refused"


class NotMasked(PictureError):
    """It is not sure that every 個人番号 and QR code was found. Nothing was written."""

    code = "not-masked"


class TrustError(MnverifyError):
    """A trust-anchors file is unreadable or contradicts itself. No anchor of it was taken."""

    code = "bad-trust-anchors"


class NotVerifiedError(MnverifyError):
    """The content of a rejected result was asked for. There is none."""

    code = "not-verified"


class ArchiveError(MnverifyError):
    """An archive or its output cannot be read, written or gone on with. What is done is kept."""

    code = "archive"


class RoleError(MnverifyError):
    """The declared role may not do this (番号法). Nothing was sent or kept."""

    code = "not-for-role"


class EvidenceRoleError(EvidenceError, RoleError):
    """Evidence holds what its role may not hold."""

    code = "evidence-not-for-role"

    @staticmethod
    def _remedy(where: str) -> Text:
        return _OTHER_ROLE


class NotStorable(RoleError):
    """Input-assist evidence of role ``general`` was to be written; its signature leads back to the 個人番号."""

    code = "not-storable"


class GateError(MnverifyError):
    """The gate refused a command. No byte was sent."""

    code = "gate-refused"


class DomainBusy(GateError):
    """The link has an open session; close it (which resets the card) first."""

    code = "domain-busy"


class CredentialError(MnverifyError):
    """The credential did not open the card."""

    code = "credential"

    def __init__(self, text: Text, tries_left: int) -> None:
        super().__init__(text)
        self.tries_left = tries_left

    def details(self) -> dict[str, str | int]:
        """``tries_left``."""
        return {"tries_left": self.tries_left}


class WrongCredential(CredentialError):
    """The card refused the credential. Attribute ``tries_left``: tries that remain."""

    code = "wrong-credential"

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

    code = "credential-blocked"

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

    code = "too-few-tries"

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

    def details(self) -> dict[str, str | int]:
        """``tries_left`` and ``floor``."""
        return {**super().details(), "floor": self.floor}


class LinkError(MnverifyError):
    """Reader or card: the exchange did not work."""

    code = "link"


class NoReader(LinkError):
    """There is no such reader."""

    code = "no-reader"


class NoCard(LinkError):
    """There is no card in the reader."""

    code = "no-card"


class CardLost(LinkError):
    """The card left the field or stopped answering in mid-session."""

    code = "card-lost"


class LinkTimeout(LinkError):
    """No answer within the deadline."""

    code = "link-timeout"


class LinkCorrupt(LinkError):
    """This exchange went wrong. The card is the same and was not reset, so that a read may be asked again."""

    code = "link-corrupt"


class LinkUnreliable(LinkError):
    """The card's answers come cut or garbled, however they are asked for. Nothing more is asked over this link."""

    code = "link-unreliable"


class AlreadyVerified(LinkError):
    """The card holds a credential as verified that this session did not present. It was not relied on; the card is reset."""

    code = "already-verified"

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Another program has left this card unlocked. Its unlocking does not count, and the number was not presented; "
                "put the card on the reader again.",
                "別のプログラムが照合したままのカードです。その照合は使わず、番号も送っていません。カードを置き直してください。",
            )
        )


class NotMyNumberCard(LinkError):
    """The card does not have the application that was asked for."""

    code = "not-my-number-card"


class CardRefused(LinkError):
    """The card answered with an unexpected status word.

    Args:
        doing: what was being done, as ``reading EF 0002``, in both languages or one word for both.
        status_word: the two status bytes as a number.
    """

    code = "card-refused"

    def __init__(self, doing: Text | str, status_word: int) -> None:
        en, ja = Text.of(doing)
        super().__init__(
            Text(
                f"The card refused {en} with status {status_word:04X}. Take the card off the reader and try again.",
                f"カードが応答 {status_word:04X} で拒否しました（{ja}）。カードを置き直してもう一度お試しください。",
            )
        )
        self.status_word = status_word

    def details(self) -> dict[str, str | int]:
        """``status_word``, four hex digits."""
        return {"status_word": f"{self.status_word:04X}"}


class ServiceNotRunning(LinkError):
    """The PC/SC service (pcscd, SCardSvr) does not run, or went away in mid-session; the message says which."""

    code = "service-not-running"


class NotAllowed(LinkError):
    """The operating system does not let this user at the reader (polkit, udev, group)."""

    code = "not-allowed"


class ReaderInUse(LinkError):
    """Another program, or an exchange that has not come back, holds the reader or the card."""

    code = "reader-in-use"


class ReaderUnsuitable(LinkError):
    """The reader cannot do what a My Number Card needs (ISO/IEC 14443 Type B), or not over this stack."""

    code = "reader-unsuitable"


class TooManyCards(LinkError):
    """More than one card is in the field."""

    code = "too-many-cards"


class DifferentCard(LinkError):
    """A reading was to be resumed on another card than it began on. Nothing of the two is mixed."""

    code = "different-card"


class Cancelled(LinkError):
    """A wait was cancelled from another thread."""

    code = "cancelled"


class UnexpectedCommand(LinkError):
    """A replayed script does not go on with this command."""

    code = "unexpected-command"


class ScriptError(MnverifyError, ValueError):
    """Bytes that are not a script of a reading. Nothing of it was played."""

    code = "malformed-script"
