"""The virtual authority: CA key → municipality certificate → records → card, with any flaw on request."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from mnverify.errors import UsageError
from mnverify.text import Text
from mnverify.values import CredentialKind, Domain, KeyId
from mnverify.virtual import applications, pictures, records
from mnverify.virtual.card import VirtualCard, holder_credentials
from mnverify.virtual.encoding import key_id
from mnverify.virtual.flaws import Flaw
from mnverify.virtual.keys import FreshKeys, KeySource, SeededKeys, laboratory_keys, public_key_bytes
from mnverify.virtual.limits import Limits
from mnverify.virtual.personas import Persona, personas
from mnverify.virtual.records import FaceContent, RecordSigner

_CA_NUMBERS = {Domain.FACE_CHECK: "9000023", Domain.INPUT_ASSIST: "9000033"}
_FOREIGN_CA_NUMBERS = {Domain.FACE_CHECK: "9000923", Domain.INPUT_ASSIST: "9000933"}
_MUNICIPALITY_PADDING = bytes.fromhex("00000001")  # the last four bytes can be non-zero, and count
_PAST = date(2020, 4, 1)
_YEARS_ADDED = 5
_PROVENANCE = "Keys of a virtual authority of mnverify. What they sign is invented and proves nothing outside tests."


class VirtualAuthority:
    """Issues virtual cards.

    Args:
        environment: the word that every result repeats, neither ``production`` nor ``test``.
        keys: where keys come from; new ones from the operating system if None.

    Raises:
        UsageError: the environment is one of the real card's words.
    """

    def __init__(self, environment: str = "virtual", *, keys: KeySource | None = None) -> None:
        if environment in ("production", "test", ""):
            raise UsageError(
                Text(
                    "A virtual authority is neither 'production' nor 'test': choose another word.",
                    "仮想認証局の環境名に production と test は使えません。",
                )
            )
        self._environment = environment
        self._keys: KeySource = keys or FreshKeys()

    @classmethod
    def laboratory(cls) -> VirtualAuthority:
        """The authority whose keys ship with the package: always the same cards. Its private keys are public."""
        return cls("virtual", keys=laboratory_keys())

    @classmethod
    def seeded(cls, seed: bytes, environment: str = "virtual") -> VirtualAuthority:
        """An authority whose keys follow from a seed: the same cards everywhere (a card takes seconds)."""
        return cls(environment, keys=SeededKeys(seed))

    @property
    def environment(self) -> str:
        """The word for this hierarchy in trust anchors and results."""
        return self._environment

    def issue(
        self,
        persona: Persona,
        *,
        flaws: Iterable[Flaw] = (),
        limits: Limits | None = None,
        municipality: str | None = None,
        seed: int = 0,
    ) -> VirtualCard:
        """Make a card.

        Args:
            persona: the holder.
            flaws: what is wrong with it.
            limits: what the card or its link cannot do, and faults to play.
            municipality: five digits of the issuing municipality, if not the persona's.
            seed: another number gives the same person another card, with other keys.

        Raises:
            UsageError: the persona cannot be put on a card (a character without a glyph, no such face).
            MissingExtra: Pillow is not installed.
        """
        wrong, limits = frozenset(Flaw(flaw) for flaw in flaws), limits or Limits()
        holder = replace(persona, expiry=_PAST) if Flaw.EXPIRED in wrong else persona
        holder = replace(holder, municipality_code=municipality) if municipality else holder
        shown = holder
        if Flaw.ANOTHER_PERSONS_FILES in wrong:
            shown = replace(_somebody_else(persona), municipality_code=holder.municipality_code)
        credentials = holder_credentials(holder)
        face = self._face_check(holder, shown, seed, wrong, _tries(limits, Domain.FACE_CHECK))
        assist = self._input_assist(holder, shown, seed, wrong, _tries(limits, Domain.INPUT_ASSIST))
        return VirtualCard(holder, face, assist, credentials, limits)

    def trust_anchors(self) -> dict[str, Any]:
        """The authority's CA keys, in the format ``mnverify.trust-anchors/1``."""
        anchors = [self._anchor(domain) for domain in Domain]
        return {"format": "mnverify.trust-anchors/1", "provenance": _PROVENANCE, "anchors": anchors}

    def write_trust_anchors(self, path: str | os.PathLike[str]) -> Path:
        """Write the trust anchors to a file, whole or not at all.

        Raises:
            OSError: the file cannot be written.
        """
        target = Path(path)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(json.dumps(self.trust_anchors(), indent=2) + "\n")
            os.chmod(name, 0o644)
            os.replace(name, target)
        except BaseException:
            os.unlink(name)
            raise
        return target

    def _anchor(self, domain: Domain) -> dict[str, Any]:
        identifier = KeyId(key_id(_CA_NUMBERS[domain]))
        numbers = self._keys.key(f"ca/{domain}").public_key().public_numbers()
        return {
            "name": identifier.name,
            "key_id": identifier.hex(),
            "domain": domain.value,
            "environment": self._environment,
            "algorithm": "RSA",
            "modulus": f"{numbers.n:0512x}",
            "exponent": numbers.e,
        }

    def _signer(self, domain: Domain, municipality: str, wrong: frozenset[Flaw]) -> RecordSigner:
        """The municipality's key and certificate, with the flaws that concern them."""
        subject = key_id(municipality + _CA_NUMBERS[domain][-2:], padding=_MUNICIPALITY_PADDING)
        certified = self._keys.key(f"municipality/{municipality}/{domain}")
        ca, ca_id = self._keys.key(f"ca/{domain}"), key_id(_CA_NUMBERS[domain])
        if wrong & {Flaw.FOREIGN_CA, Flaw.IMPOSTOR_CA}:
            ca = self._keys.key(f"foreign-ca/{domain}")
        if Flaw.FOREIGN_CA in wrong:
            ca_id = key_id(_FOREIGN_CA_NUMBERS[domain])
        certificate = records.certificate(ca, ca_id, subject, public_key_bytes(certified))
        if Flaw.WRONG_SIGNATURE in wrong:
            certified = self._keys.key(f"foreign-municipality/{domain}")
        return RecordSigner(certified, subject, certificate)

    def _card_key(self, persona: Persona, seed: int, use: str) -> rsa.RSAPrivateKey:
        return self._keys.key(f"card/{persona.id}/{seed}/{use}")

    def _octets(self, persona: Persona, seed: int, label: str, length: int) -> bytes:
        return self._keys.octets(f"{persona.id}/{seed}/{label}", length)

    def _face_check(
        self, holder: Persona, shown: Persona, seed: int, wrong: frozenset[Flaw], tries: dict[int, int | None]
    ) -> applications.Application:
        key = self._card_key(holder, seed, "face-check")
        expiry, face = shown.expiry, shown.photo
        if Flaw.ALTERED_EXPIRY in wrong:
            expiry = date(expiry.year + _YEARS_ADDED, expiry.month, min(expiry.day, 28))
        if Flaw.SWAPPED_PHOTO in wrong:
            face = next(one.photo for one in personas() if one.photo and one.photo != shown.photo)
        content = FaceContent(
            holder=shown,
            card_key=public_key_bytes(self._card_key(shown, seed, "face-check")),
            shown_photo=pictures.photo(face),
            shown_expiry=f"{expiry:%Y%m%d}",
            stale_offsets=Flaw.STALE_OFFSET_TABLE in wrong,
        )
        signer = self._signer(Domain.FACE_CHECK, shown.municipality_code, wrong)
        files = records.face_check_files(content, signer, lambda *asked: self._octets(shown, seed, *asked))
        known = holder_credentials(holder)
        digits = {
            0x11: known[CredentialKind.BIRTH_DATE],
            0x12: known[CredentialKind.VERIFICATION_NUMBER_B],
            0x13: known[CredentialKind.VERIFICATION_NUMBER_A],
        }
        if Flaw.CLONED_WITHOUT_KEY in wrong:
            key = self._keys.key("clone/face-check")
        return applications.face_check(files, digits, tries, key)

    def _input_assist(
        self, holder: Persona, shown: Persona, seed: int, wrong: frozenset[Flaw], tries: dict[int, int | None]
    ) -> applications.Application:
        signer = self._signer(Domain.INPUT_ASSIST, shown.municipality_code, wrong)
        key = self._card_key(holder, seed, "input-assist")
        recorded = self._card_key(shown, seed, "input-assist")
        if Flaw.FOREIGN_KEY_RECORD in wrong:
            key = recorded = self._card_key(_somebody_else(shown), seed, "input-assist")
        if Flaw.CLONED_WITHOUT_KEY in wrong:
            key = self._keys.key("clone/input-assist")
        transport = self._card_key(holder, seed, "transport")
        files = records.input_assist_files(
            shown,
            records.card_key_record(public_key_bytes(recorded), signer),
            public_key_bytes(transport),
            signer,
            lambda *asked: self._octets(shown, seed, *asked),
            stale=Flaw.STALE_OFFSET_TABLE in wrong,
        )
        known = holder_credentials(holder)
        digits = {
            0x11: known[CredentialKind.PIN],
            0x14: known[CredentialKind.VERIFICATION_NUMBER_A],
            0x15: known[CredentialKind.VERIFICATION_NUMBER_B],
        }
        return applications.input_assist(files, digits, tries, key, transport)


def _somebody_else(persona: Persona) -> Persona:
    return next(one for one in personas() if one.id != persona.id)


def _tries(limits: Limits, domain: Domain) -> dict[int, int | None]:
    """The tries left at first of one domain's keys."""
    prefix = f"{domain}/"
    return {int(key[len(prefix) :], 16): left for key, left in limits.tries.items() if key.startswith(prefix)}
