"""One function a command: from options to exit status."""

from __future__ import annotations

import argparse
import json
from datetime import date
from typing import Any

from mnverify.card import FaceCheck, InputAssist, Link
from mnverify.check import CheckedCard, check_card
from mnverify.cli import inputs, report
from mnverify.cli.exit_status import CHECK_FAILED, DONE
from mnverify.cli.keep import refuse_unstorable, refuse_unwritable, write_evidence, write_script
from mnverify.cli.output import show
from mnverify.cli.progress import progress_bar
from mnverify.cli.purposes import purposes_or_refuse
from mnverify.cli.source import VIRTUAL, open_source
from mnverify.errors import LinkError, NotMyNumberCard
from mnverify.evidence import Evidence
from mnverify.values.dates import age_on
from mnverify.values.terms import CredentialKind, Domain, Purpose, Role
from mnverify.verification import TrustStore, VerificationResult, verify
from mnverify.verification.verifier import JAPAN


def demo(options: argparse.Namespace) -> int:
    """Make a virtual card and its own authority, read and verify it like any card, print the report."""
    from mnverify.card import VerificationNumberB
    from mnverify.virtual import VirtualAuthority, persona

    authority = VirtualAuthority()
    holder = persona(options.persona) if options.persona is not None else persona()
    card = authority.issue(holder)
    credential = VerificationNumberB(card.credentials[CredentialKind.VERIFICATION_NUMBER_B.value])
    checked = check_card(
        card,
        Domain.FACE_CHECK,
        credential,
        trust=TrustStore.from_json(json.dumps(authority.trust_anchors())),
        reader=f"{VIRTUAL}{holder.id}",
    )
    return _finish(options, checked.result)


def verify_file(options: argparse.Namespace) -> int:
    """Verify an evidence file."""
    trust = inputs.trust_store(options.trust)
    evidence = inputs.load_evidence(options.evidence, Role(options.role))
    if options.no_presence:
        evidence = _without_presence(evidence)
    result = verify(evidence, trust=trust, at=options.at, require_presence=options.require_presence)
    return _finish(options, result, images=options.images)


def read_card(options: argparse.Namespace) -> int:
    """Read a card, verify what it gave; perhaps keep the evidence."""
    domain, role = Domain(options.domain), Role(options.role)
    trust = inputs.trust_store(options.trust)
    if options.output is not None:
        refuse_unstorable(domain, role)
    kind = CredentialKind(options.credential)
    purposes = purposes_or_refuse(domain, role, kind)
    refuse_unwritable(options.output, options.record)
    checked = _check(options, domain, kind, trust, purposes)
    if options.output is not None:
        write_evidence(options.output, checked.evidence)
    return _finish(options, checked.result, images=options.images)


def check_age(options: argparse.Namespace) -> int:
    """Read the age record alone and answer yes or no. The birth date is not shown."""
    trust = inputs.trust_store(options.trust)
    refuse_unwritable(options.record)
    result = _check(options, Domain.FACE_CHECK, CredentialKind.BIRTH_DATE, trust, (Purpose.AGE,)).result
    old_enough = _old_enough(result, options.at_least) if result.verified else None
    if options.json:
        document = result.to_dict(lang=options.lang)
        document.pop("fields", None)
        _print_json({"at_least": options.at_least, "old_enough": old_enough, **document})
    else:
        show(report.age_report(result, options.at_least, old_enough, options.lang))
    return DONE if old_enough else CHECK_FAILED


def show_retries(options: argparse.Namespace) -> int:
    """Tries left on each credential that the role may use, in both domains, one after the other."""
    role = Role(options.role)
    with open_source(options) as source:
        source.wait()
        link = source.connect()
        tries = {domain.value: _retries(link, domain, role) for domain in Domain}
    if options.json:
        _print_json({"retries": tries})
    else:
        show(report.retries_report(tries, options.lang))
    return DONE


def list_cards(options: argparse.Namespace) -> int:
    """The invented holders."""
    from mnverify.virtual import personas

    people = [
        {"id": person.id, "name": person.name, "birth_date": person.birth.isoformat(), "note": person.note}
        for person in personas()
    ]
    if options.json:
        _print_json({"personas": people})
    else:
        show(report.table([[p["id"], p["name"], p["birth_date"], p["note"]] for p in people]))
    return DONE


def list_trust(options: argparse.Namespace) -> int:
    """The anchors in force."""
    anchors = [
        {
            "name": anchor.name,
            "key_id": anchor.key_id.hex(),
            "domain": anchor.domain.value,
            "environment": anchor.environment,
            "algorithm": f"RSA-{int.from_bytes(anchor.modulus).bit_length()}",
            "provenance": anchor.provenance,
        }
        for anchor in inputs.trust_store(options.trust).anchors
    ]
    if options.json:
        _print_json({"anchors": anchors})
    else:
        show(report.trust_report(anchors, options.lang))
    return DONE


def _check(
    options: argparse.Namespace,
    domain: Domain,
    kind: CredentialKind,
    trust: TrustStore,
    purposes: tuple[Purpose, ...],
) -> CheckedCard:
    """Wait for the card, ask for the number, then take the card and read it: it is held no longer than it has to be."""
    role, presence = Role(options.role), not options.no_presence
    recorder = None
    if options.record:
        from mnverify.recording import Recorder

        recorder = Recorder(domain, kind, role=role, purposes=purposes, presence=presence)
    with open_source(options) as source, progress_bar(lang=options.lang) as progress:
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
            return check_card(
                source.connect(),
                domain,
                credential,
                role=role,
                purposes=purposes,
                presence=presence,
                challenge=source.challenge if presence else None,
                **alike,
            )
        try:
            return recorder.read(source.connect(), credential, **alike)
        finally:
            if recorder.shapes:
                write_script(options.record, recorder.script())


def _retries(link: Link, domain: Domain, role: Role) -> dict[str, int | None] | None:
    session_class = FaceCheck if domain is Domain.FACE_CHECK else InputAssist
    try:
        with session_class.open(link, role=role) as session:
            return {kind.value: tries for kind, tries in session.retries().items()}
    except NotMyNumberCard:
        if domain is Domain.FACE_CHECK:
            raise
        return None


def _old_enough(result: VerificationResult, years: int) -> bool:
    birth = result.fields["birth_date"].value
    return isinstance(birth, date) and age_on(birth, result.at.astimezone(JAPAN).date()) >= years


def _without_presence(evidence: Evidence) -> Evidence:
    return Evidence(
        domain=evidence.domain,
        role=evidence.role,
        credential=evidence.credential,
        files=evidence.files,
        segments=evidence.segments,
        read_at=evidence.read_at,
        reader=evidence.reader,
    )


def _finish(options: argparse.Namespace, result: VerificationResult, *, images: bool = False) -> int:
    if options.json:
        _print_json(result.to_dict(images=images, lang=options.lang))
    else:
        show(report.result_report(result, options.lang))
    return DONE if result.verified else CHECK_FAILED


def _print_json(document: dict[str, Any]) -> None:
    show(json.dumps(document, ensure_ascii=False, indent=2))
