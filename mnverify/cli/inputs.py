"""What a command is given: trust, a card, a credential, an evidence file. Credentials never come from arguments."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from mnverify.card import Credential, credential_from_text
from mnverify.cli.prompts import NO_CREDENTIAL, ask
from mnverify.errors import CredentialFormatError, UnreadableFile, os_reason
from mnverify.evidence import Evidence
from mnverify.evidence_json import MAX_BYTES
from mnverify.masked import MaskedBytes, MaskedText
from mnverify.values.terms import CredentialKind, Role
from mnverify.verification import TrustStore

if TYPE_CHECKING:
    from mnverify.printed import PrintedData
    from mnverify.virtual import VirtualCard


def trust_store(word: str) -> TrustStore:
    """The anchors that ``--trust`` names."""
    if word == "production":
        return TrustStore.production()
    if word == "test":
        return TrustStore.test()
    if word == "virtual":
        from mnverify.virtual import VirtualAuthority

        return TrustStore.from_object(VirtualAuthority.laboratory().trust_anchors())
    return TrustStore.from_file(word)


def virtual_card(persona_id: str) -> VirtualCard:
    """A card of the laboratory authority (``--trust virtual``)."""
    from mnverify.virtual import VirtualAuthority, persona

    return VirtualAuthority.laboratory().issue(persona(persona_id))


def ask_credential(options: argparse.Namespace, kind: CredentialKind) -> Credential:
    """The credential, asked at the terminal, or from the first line of a standard input that is no terminal.

    Raises:
        CredentialFormatError: there is none, or it has not its form. Nothing was sent to a card.
    """
    if sys.stdin.isatty():
        return ask(kind, options.lang)
    text = MaskedText(sys.stdin.readline(256))
    if not text.strip():
        raise CredentialFormatError(NO_CREDENTIAL)
    return credential_from_text(kind, MaskedText(text.strip()))


def load_evidence(path: str, role: Role) -> Evidence:
    """Evidence from a file or, for ``-``, standard input, for the role that was declared."""
    if path != "-":
        return Evidence.from_file(path, role=role)
    try:
        data = MaskedBytes(sys.stdin.buffer.read(MAX_BYTES + 1))
    except OSError as error:
        raise UnreadableFile(path, os_reason(error)) from None
    return Evidence.from_json(data, role=role)


def load_printed(path: str, role: Role) -> PrintedData:
    """Printed data from a file or, for ``-``, standard input, for the role that was declared."""
    from mnverify.printed import PrintedData
    from mnverify.printed.data import MAX_BYTES as MOST_BYTES

    if path != "-":
        return PrintedData.from_file(path, role=role)
    try:
        data = MaskedBytes(sys.stdin.buffer.read(MOST_BYTES + 1))
    except OSError as error:
        raise UnreadableFile(path, os_reason(error)) from None
    return PrintedData.from_json(data, role=role)


def without_presence(evidence: Evidence) -> Evidence:
    """The same without the answer to a challenge."""
    return Evidence(
        domain=evidence.domain,
        role=evidence.role,
        credential=evidence.credential,
        files=evidence.files,
        segments=evidence.segments,
        read_at=evidence.read_at,
        reader=evidence.reader,
    )
