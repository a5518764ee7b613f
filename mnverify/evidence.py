"""What a reading yields: the files as read, and the card's answer to a challenge. Data only, verified by nobody yet.

The JSON form (``mnverify.evidence/1``) is in ``mnverify.evidence_json``; this module holds the object and its rules:

* files are parsed when the object is made, so that malformed evidence cannot exist;
* role ``general`` holds no file with the 個人番号;
* input-assist evidence of role ``general`` stays in memory ("the trap": EF ``0003`` leads back to the 個人番号).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeVar

from mnverify.errors import EvidenceError, EvidenceRoleError, NotStorable, UsageError
from mnverify.evidence_json import DIGEST_LENGTH, MAX_BYTES, adopt_evidence, build_evidence, parse_evidence
from mnverify.files import drop_segments, read_layout
from mnverify.files.face_check import FaceRecord
from mnverify.files.layouts import FACE_RECORD, Record
from mnverify.masked import MaskedBytes, MaskedDict, Unseen, mask, not_copied, refuse_copy
from mnverify.profile import KNOWN_PROFILES, PRESENT_CARD, CardProfile
from mnverify.strict_json import printable, read_file
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Domain, Role

if TYPE_CHECKING:
    from pathlib import Path

DROPPABLE_SEGMENTS = frozenset({2, 3})  # 2: name and address image; 3: photo
MAX_PRESENCE_BYTES = 1024
MAX_READER_LENGTH = 128  # characters

TRAP = Text(
    "Input-assist evidence of role general is not written: its signature leads back to the 個人番号. "
    "Nothing was kept. Keep the verified result or a receipt instead.",
    "入力補助の証拠データは、署名から個人番号を割り出せるため、一般の事業者は保存できません。"
    "何も保存していません。検証結果または受領証を保存してください。",
)


@not_copied
class Presence(NamedTuple):
    """The card's answer to a challenge.

    Attributes:
        challenge: the bytes that were challenged (32 where we chose them).
        signature: the card's signature over DigestInfo(SHA-256(challenge)).
    """

    challenge: bytes
    signature: bytes

    def __repr__(self) -> str:
        return f"Presence(challenge: {len(self.challenge)} bytes, signature: {len(self.signature)} bytes)"


@dataclass(frozen=True, slots=True, repr=False)
class AcceptedNumberB:
    """What 照合番号B, presented by this process and accepted by what answered, is made of. Never shown, never written.

    Attributes:
        birth_digits: six digits as presented.
        expiry_year: Gregorian year.
    """

    birth_digits: str
    expiry_year: int

    __reduce_ex__ = refuse_copy


@not_copied
class _Session(NamedTuple):
    """Mark of evidence that this process read in one session on one link, or in a torn one that was resumed on the same
    card; bound to the content it was made for."""

    binding: bytes
    accepted_number_b: AcceptedNumberB | None

    def __repr__(self) -> str:
        return "_Session()"


_Word = TypeVar("_Word", Domain, Role, CredentialKind)
_Key = TypeVar("_Key", str, int)
_WRONG: Mapping[Any, MaskedBytes] = MappingProxyType({})
_OTHER_PROFILE = Text(
    "A card profile is one of mnverify.profile.KNOWN_PROFILES, not one made elsewhere. Nothing was taken.",
    "カードのプロファイルは mnverify.profile.KNOWN_PROFILES のいずれかに限ります。何も受け取っていません。",
)
_NO_BYTES = Text("it is not a mapping to bytes", "バイト列への対応（マッピング）ではありません")


class Evidence:
    """A reading of one domain in one role. Immutable; equal by content; ``repr`` shows no content.

    Args:
        domain: the domain read.
        role: the declared role.
        credential: the kind that opened the files (a claim, where the evidence came from outside).
        files: EF bytes by four-digit file id, with or without trailing ``FF`` filler.
        segments: SHA-256 of segments of the card face that were dropped, by segment number (2 or 3).
        presence: the card's answer to a challenge.
        read_at: when, with a time zone.
        reader: the reader's name.
        profile: the card generation: one of ``mnverify.profile.KNOWN_PROFILES``, the object itself.

    Raises:
        UsageError: ``profile`` was made elsewhere; it says which files hold the 個人番号, and which keys are strong enough.
        EvidenceError: a file is not what its layout says (names file, tag, offset), or an argument has another type.
        EvidenceRoleError: the role may not hold a file or credential of this evidence.
        UnsupportedCard: a layout or key of an unknown card generation.
    """

    __slots__ = (
        "_session",
        "credential",
        "domain",
        "files",
        "presence",
        "profile",
        "read_at",
        "reader",
        "records",
        "role",
        "segments",
    )

    domain: Domain
    role: Role
    credential: CredentialKind
    files: Mapping[str, bytes]
    segments: Mapping[int, bytes]
    presence: Presence | None
    read_at: datetime | None
    reader: str | None
    profile: CardProfile
    records: Mapping[str, Record]
    _session: _Session | None

    def __init__(
        self,
        *,
        domain: Domain | str,
        role: Role | str,
        credential: CredentialKind | str,
        files: Mapping[str, bytes],
        segments: Mapping[int, bytes] | None = None,
        presence: Presence | None = None,
        read_at: datetime | None = None,
        reader: str | None = None,
        profile: CardProfile = PRESENT_CARD,
    ) -> None:
        files = _masked_values(files, str)  # the plain ones leave this frame
        segments = _masked_values({} if segments is None else segments, int)
        if files is _WRONG or segments is _WRONG:
            raise EvidenceError("files" if files is _WRONG else "segments", _NO_BYTES)
        if not any(profile is known for known in KNOWN_PROFILES):
            raise UsageError(_OTHER_PROFILE)
        self._set(
            domain=_word(Domain, domain, "domain"),
            role=_word(Role, role, "role"),
            credential=_word(CredentialKind, credential, "credential"),
            files=files,
            segments=segments,
            presence=presence,
            read_at=read_at,
            reader=reader,
            profile=profile,
            _session=None,
        )
        self._check_shape()
        self._set(records=MappingProxyType(self._parse()))

    @classmethod
    def from_session(
        cls,
        *,
        domain: Domain,
        role: Role,
        credential: CredentialKind,
        files: Mapping[str, bytes],
        presence: Presence | None,
        read_at: datetime | None,
        reader: str | None,
        accepted_number_b: AcceptedNumberB | None,
        profile: CardProfile = PRESENT_CARD,
    ) -> Evidence:
        """Evidence that this process has just read, for the card sessions only.

        It alone can lead to ``presence`` code ``session`` and to ``corroborated`` fields ("What presence proves" in the docs).
        """
        files = _masked_values(files, str)
        evidence = cls(
            domain=domain,
            role=role,
            credential=credential,
            files=files,
            presence=presence,
            read_at=read_at,
            reader=reader,
            profile=profile,
        )
        evidence._set(_session=_Session(evidence._binding(), accepted_number_b))
        return evidence

    @classmethod
    def from_json(cls, data: str | bytes, *, role: Role | str = Role.GENERAL) -> Evidence:
        """Read the JSON form ``mnverify.evidence/1``, strictly.

        Args:
            data: the text, or UTF-8.
            role: the receiver's own role. Evidence says what its sender claimed, never what its receiver may see: in role
                ``general`` evidence of role ``my-number-office`` is refused. Evidence of role ``general`` is for both.

        Raises:
            EvidenceError: not such JSON (size, depth, duplicate or unknown keys, base64), or malformed files.
            EvidenceRoleError: the receiver's role, or the one that the evidence claims, may not hold what is in it.
            UnsupportedCard: files of an unknown generation.
            UsageError: ``role`` is no role.
        """
        data = mask(data)  # type: ignore[assignment]  # its frame shows nothing; what is no text is refused there
        receiver = _role(role)
        return cls._received(parse_evidence(data), receiver)

    @classmethod
    def from_object(cls, document: Mapping[str, object], *, role: Role | str = Role.GENERAL) -> Evidence:
        """The same from an object that is parsed already, as a member of a request's body.

        Args:
            document: the object; nothing of it is changed.
            role: the receiver's own role, as for ``from_json``.

        Raises:
            EvidenceError, EvidenceRoleError, UnsupportedCard, UsageError: as ``from_json``.
        """
        held, document = Unseen(document), {}  # the frames show nothing of it
        receiver = _role(role)
        return cls._received(adopt_evidence(held), receiver)

    @classmethod
    def from_file(cls, path: str | Path, *, role: Role | str = Role.GENERAL) -> Evidence:
        """The same from a file.

        Args:
            path: the file.
            role: the receiver's own role, as for ``from_json``.

        Raises:
            UnreadableFile: it cannot be opened or read.
            EvidenceError, EvidenceRoleError, UnsupportedCard, UsageError: as ``from_json``.
        """
        receiver = _role(role)
        return cls._received(parse_evidence(read_file(path, MAX_BYTES)), receiver)

    @classmethod
    def _received(cls, members: MaskedDict, receiver: Role) -> Evidence:
        """The one door for evidence from outside: the sender's claim opens nothing that the receiver's role does not."""
        if members["role"] is not Role.GENERAL and receiver is Role.GENERAL:
            raise EvidenceRoleError(
                "role",
                Text(
                    "it was read in role my-number-office and may hold the 個人番号; yours is general",
                    "役割 my-number-office で読み取られ、個人番号を含むことがあります。受け取る側の役割は general です",
                ),
            )
        if members["presence"] is not None:
            members["presence"] = Presence(*members["presence"])
        return cls(**members)

    def to_json(self) -> str:
        """The JSON form ``mnverify.evidence/1``, for keeping.

        Raises:
            NotStorable: input-assist evidence in role ``general``.
            EvidenceError: it is larger than evidence may be; dropping the photo may help.
        """
        if not self.storable:
            raise NotStorable(TRAP)
        return self._json()

    def to_request(self) -> bytes:
        """The same JSON for the request body to a verification endpoint, over TLS, dropped with the request.

        The only form that carries input-assist evidence of role ``general``. Never write it to a file or a log.
        """
        return self._json().encode()

    @property
    def storable(self) -> bool:
        """Whether this evidence may leave memory ("The trap" in the docs)."""
        return self.domain is not Domain.INPUT_ASSIST or self.role is not Role.GENERAL

    @property
    def read_here(self) -> bool:
        """Whether this process read it, in one session on one link (or resumed on the same card, which proved its key)."""
        return self._session is not None and self._session.binding == self._binding()

    @property
    def accepted_number_b(self) -> AcceptedNumberB | None:
        """What 照合番号B is made of, where this process presented it and what answered accepted it."""
        return self._session.accepted_number_b if self._session is not None and self.read_here else None

    def without_segments(self, *numbers: int) -> Evidence:
        """The same evidence without segment 2 (name and address image) or 3 (photo); the signature still verifies.

        Raises:
            UsageError: another number, or there is no card face in this evidence.
        """
        new = frozenset(numbers) - frozenset(self.segments)
        face, record = next(((n, r) for n, r in self.records.items() if isinstance(r, FaceRecord)), (None, None))
        if not frozenset(numbers) <= DROPPABLE_SEGMENTS or face is None or record is None:
            raise UsageError(
                Text(
                    "Only segments 2 and 3 of a card face can be dropped. Nothing was changed.",
                    "省けるのは券面情報の区分2と3だけです。何も変更していません。",
                )
            )
        if not new:
            return self
        digests = dict(self.segments)
        for number in new:
            digests[number] = hashlib.new(self.profile.scheme.hash_name, record.segments[number - 1] or b"").digest()
        lighter = Evidence(
            domain=self.domain,
            role=self.role,
            credential=self.credential,
            files={**self.files, face: drop_segments(self.files[face], frozenset(digests), face)},
            segments=digests,
            presence=self.presence,
            read_at=self.read_at,
            reader=self.reader,
            profile=self.profile,
        )
        if self._session is not None and self.read_here:
            lighter._set(_session=_Session(lighter._binding(), self._session.accepted_number_b))
        return lighter

    def _json(self) -> str:
        return build_evidence(
            domain=self.domain.value,
            role=self.role.value,
            credential=self.credential.value,
            files=self.files,
            segments=self.segments,
            presence=(self.presence.challenge, self.presence.signature) if self.presence else None,
            read_at=self.read_at,
            reader=self.reader,
        )

    def _check_shape(self) -> None:
        domain = self.profile.domains[self.domain]
        if not self.files:
            raise EvidenceError("files", Text("no file at all", "ファイルが一つもありません"))
        key = domain.keys.get(self.credential)
        if key is None:
            raise EvidenceError(
                "credential",
                Text(
                    f"{self.credential} is no credential of {self.domain}",
                    f"{self.credential} は {self.domain} の照合情報ではありません",
                ),
            )
        if key.is_number and self.role is not Role.MY_NUMBER_OFFICE:
            raise EvidenceRoleError(
                "credential",
                Text(
                    f"{self.credential} is not for role {self.role}",
                    f"役割 {self.role} では {self.credential} を扱えません",
                ),
            )
        self._check_files()
        self._check_segments()
        self._check_context()

    def _check_files(self) -> None:
        domain = self.profile.domains[self.domain]
        for name in self.files:
            rule = domain.files.get(name)
            if rule is None:
                raise EvidenceError(
                    "files",
                    Text(
                        f"a file that {self.domain} evidence does not hold",
                        f"{self.domain} の証拠データにないファイルがあります",
                    ),
                )
            if rule.holds_number and self.role is not Role.MY_NUMBER_OFFICE:
                raise EvidenceRoleError(
                    f"files.{name}",
                    Text(
                        f"it holds the 個人番号, which is not for role {self.role}",
                        f"個人番号を含むため、役割 {self.role} では扱えません",
                    ),
                )

    def _check_segments(self) -> None:
        if not self.segments:
            return
        with_segments = any(self.profile.domains[self.domain].files[name].layout == FACE_RECORD for name in self.files)
        for number, digest in self.segments.items():
            where = f"segments.{number}"
            if number not in DROPPABLE_SEGMENTS or not with_segments:
                raise EvidenceError(
                    where,
                    Text(
                        "no segment that can be dropped from this evidence", "この証拠データで省ける区分ではありません"
                    ),
                )
            if len(digest) != DIGEST_LENGTH:
                raise EvidenceError(
                    where, Text(f"a digest has {DIGEST_LENGTH} bytes", f"ダイジェストは {DIGEST_LENGTH} バイトです")
                )

    def _check_context(self) -> None:
        if self.presence is not None:
            for name in ("challenge", "signature"):
                if not _in_bounds(getattr(self.presence, name, None)):
                    raise EvidenceError(
                        f"presence.{name}",
                        Text(f"it has 1 to {MAX_PRESENCE_BYTES} bytes", f"1〜{MAX_PRESENCE_BYTES} バイトです"),
                    )
        if self.read_at is not None and (not isinstance(self.read_at, datetime) or self.read_at.utcoffset() is None):
            raise EvidenceError("read_at", Text("a moment without a time zone", "タイムゾーンのない日時です"))
        if self.reader is not None and not _is_reader(self.reader):
            raise EvidenceError(
                "reader",
                Text(
                    f"it is not a printable text of at most {MAX_READER_LENGTH} characters",
                    f"表示できる {MAX_READER_LENGTH} 文字以内の文字列ではありません",
                ),
            )

    def _parse(self) -> dict[str, Record]:
        files = self.profile.domains[self.domain].files
        dropped, none = frozenset(self.segments), frozenset[int]()
        return {
            name: read_layout(
                files[name].layout,
                name,
                data,
                dropped if files[name].layout == FACE_RECORD else none,
                scheme=self.profile.scheme,
            )
            for name, data in self.files.items()
        }

    def _binding(self) -> bytes:
        parts = [self.domain.encode(), self.role.encode(), self.credential.encode()]
        for name, data in self.files.items():
            parts += [name.encode(), len(data).to_bytes(4), data]
        if self.presence is not None:
            parts += [self.presence.challenge, self.presence.signature]
        return hashlib.sha256(b"\0".join(parts)).digest()

    def _set(self, **values: object) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("evidence is immutable")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("evidence is immutable")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Evidence) and all(
            getattr(self, name) == getattr(other, name)
            for name in ("domain", "role", "credential", "files", "segments", "presence", "read_at", "reader")
        )

    def __hash__(self) -> int:
        return hash(self._binding())

    __reduce_ex__ = refuse_copy

    def __repr__(self) -> str:
        if not hasattr(self, "records"):
            return "Evidence(refused)"  # what an error reporter meets in the frames that refused it
        sizes = ", ".join(f"{name}: {len(data)} bytes" for name, data in self.files.items())
        presence = "with presence" if self.presence else "without presence"
        return f"Evidence({self.domain}, {self.role}, {self.credential}, {{{sizes}}}, {presence})"


def _word(kind: type[_Word], value: str, where: str) -> _Word:
    try:
        return kind(value)
    except ValueError:
        words = ", ".join(kind)
    raise EvidenceError(where, Text(f"it is none of {words}", f"{words} のいずれでもありません"))


def _role(role: Role | str) -> Role:
    try:
        return Role(role)
    except ValueError:
        words = ", ".join(Role)
    raise UsageError(
        Text(
            f"The receiver's role is none of {words}. Nothing was read; name one of them.",
            f"受け取る側の役割は {words} のいずれかで指定してください。何も読んでいません。",
        )
    )


def _masked_values(values: object, kind: type[_Key]) -> Mapping[_Key, MaskedBytes]:
    """The bytes of a mapping, masked and in the order of their names; ``_WRONG`` for anything else. Nothing raises in here."""
    if not isinstance(values, Mapping):
        return _WRONG
    whole: dict[_Key, MaskedBytes] = {}
    for name in values:
        data = mask(values[name])
        if not isinstance(name, kind) or not isinstance(data, MaskedBytes):
            return _WRONG
        whole[name] = data
    return MappingProxyType({name: whole[name] for name in sorted(whole)})


def _in_bounds(value: object) -> bool:
    return isinstance(value, bytes) and 0 < len(value) <= MAX_PRESENCE_BYTES


def _is_reader(name: object) -> bool:
    return isinstance(name, str) and len(name) <= MAX_READER_LENGTH and printable(name)
