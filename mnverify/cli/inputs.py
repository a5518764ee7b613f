"""What a command is given: trust, a card, a credential, an evidence file. Credentials never come from arguments."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

from mnverify.card import Credential, credential_from_text
from mnverify.errors import CredentialFormatError, UnreadableFile, os_reason
from mnverify.evidence import Evidence
from mnverify.evidence_json import MAX_BYTES
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Role
from mnverify.verification import TrustStore

if TYPE_CHECKING:
    from mnverify.virtual import VirtualCard

_PROMPTS = {
    CredentialKind.BIRTH_DATE: Text(
        "Date of birth (six digits as printed, or 1985-07-03)", "生年月日（6桁、または 1985-07-03）"
    ),
    CredentialKind.VERIFICATION_NUMBER_B: Text("Verification number B (14 digits)", "照合番号B（14桁）"),
    CredentialKind.VERIFICATION_NUMBER_A: Text("Verification number A (12 digits)", "照合番号A（12桁）"),
    CredentialKind.PIN: Text("PIN (4 digits)", "暗証番号（4桁）"),
}
_NO_CREDENTIAL = Text(
    "No number was given. Nothing was sent to the card; type it at the prompt or send it as the first line of standard input.",
    "番号が入力されていません。カードには何も送っていません。入力欄または標準入力の1行目で与えてください。",
)


def trust_store(word: str) -> TrustStore:
    """The anchors that ``--trust`` names."""
    if word == "production":
        return TrustStore.production()
    if word == "test":
        return TrustStore.test()
    if word == "virtual":
        import json

        from mnverify.virtual import VirtualAuthority

        return TrustStore.from_json(json.dumps(VirtualAuthority.laboratory().trust_anchors()))
    return TrustStore.from_file(word)


def virtual_card(persona_id: str) -> VirtualCard:
    """A card of the laboratory authority (``--trust virtual``)."""
    from mnverify.virtual import VirtualAuthority, persona

    return VirtualAuthority.laboratory().issue(persona(persona_id))


def ask_credential(options: argparse.Namespace, kind: CredentialKind) -> Credential:
    """The credential, from a prompt without echo, or from the first line of a standard input that is no terminal."""
    if sys.stdin.isatty():
        try:
            text = getpass.getpass(f"{_PROMPTS[kind].in_language(options.lang)}: ", stream=sys.stderr)
        except EOFError:  # Ctrl+D
            print(file=sys.stderr)
            text = ""
    else:
        text = sys.stdin.readline(256)
    if not text.strip():
        raise CredentialFormatError(_NO_CREDENTIAL)
    return credential_from_text(kind, text.strip())


def load_evidence(path: str, role: Role) -> Evidence:
    """Evidence from a file or, for ``-``, standard input, for the role that was declared."""
    try:
        if path == "-":
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with open(path, "rb") as file:
                data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableFile(path, os_reason(error)) from None
    return Evidence.from_json(data, role=role)


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
