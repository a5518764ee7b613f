"""One reading of a card for a command: wait for it, ask for the number, read, verify; perhaps keep the script."""

from __future__ import annotations

import argparse
from typing import Any

from mnverify.card import Link
from mnverify.check import CheckedCard, check_card
from mnverify.cli import inputs
from mnverify.cli.keep import write_script
from mnverify.cli.progress import progress_bar
from mnverify.cli.source import open_source
from mnverify.errors import LinkError
from mnverify.values.terms import CredentialKind, Domain, Purpose, Role
from mnverify.verification import TrustStore, verify


def read_and_verify(
    options: argparse.Namespace,
    domain: Domain,
    kind: CredentialKind,
    trust: TrustStore,
    purposes: tuple[Purpose, ...],
) -> CheckedCard:
    """Wait for the card, ask for the number, then take the card and read it: it is held no longer than it has to be.

    Raises:
        MnverifyError: whatever stopped it.
    """
    role, presence = Role(options.role), not options.no_presence
    recorder = None
    if options.record:
        from mnverify.recording import Recorder

        recorder = Recorder(domain, kind, role=role, purposes=purposes, presence=presence)
    with open_source(options, trust) as source, progress_bar(lang=options.lang, wanted=not options.verbose) as progress:
        source.wait()
        credential = inputs.ask_credential(options, kind)

        def again(error: LinkError) -> Link | None:
            if progress is not None:
                progress.clear()
            return source.again(error)

        alike: dict[str, Any] = {
            "trust": trust,
            "require_presence": options.require_presence,
            "at": options.at,
            "reader": source.name,
            "progress": progress,
            "on_torn": again if source.torn else None,
        }
        if recorder is None:
            checked = check_card(
                source.connect(),
                domain,
                credential,
                role=role,
                purposes=purposes,
                presence=presence,
                challenge=source.challenge if presence else None,
                **alike,
            )
        else:
            try:
                checked = recorder.read(source.connect(), credential, **alike)
            finally:
                if recorder.shapes:
                    write_script(options.record, recorder.script())
        return checked if source.live else _without_presence(checked, options, trust)


def _without_presence(checked: CheckedCard, options: argparse.Namespace, trust: TrustStore) -> CheckedCard:
    """A recorded answer to a recorded challenge proves nothing of a card: it is left out."""
    evidence = inputs.without_presence(checked.evidence)
    result = verify(evidence, trust=trust, at=options.at, require_presence=options.require_presence)
    return CheckedCard(evidence, result)
