"""What role and credential can reach, asked before anything is sent to the card."""

from __future__ import annotations

from mnverify.cli.labels import CREDENTIALS, DOMAINS, ROLES
from mnverify.errors import RoleError, UsageError
from mnverify.profile import PRESENT_CARD
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Domain, Purpose, Role


def purposes_or_refuse(domain: Domain, role: Role, kind: CredentialKind) -> tuple[Purpose, ...]:
    """The purposes that role and credential can reach, before anything is asked of the card.

    Raises:
        RoleError: the role may not use the credential.
        UsageError: the credential does not exist in the domain, or opens nothing there.
    """
    profile = PRESENT_CARD.domains[domain]
    purposes = profile.purposes_for(role, kind)
    if not purposes:
        where = Text(f"{kind} in {domain}", f"{DOMAINS[domain].ja}の{CREDENTIALS[kind].ja}")
        if kind in profile.keys and kind not in profile.keys_for(role):
            raise RoleError(
                Text(
                    f"Role {role} may not use {where.en}. Nothing was sent to the card.",
                    f"役割「{ROLES[role].ja}」では{where.ja}を使えません。カードには何も送っていません。",
                )
            )
        raise UsageError(
            Text(
                f"There is nothing to read with {where.en}. Nothing was sent to the card; choose another credential.",
                f"{where.ja}で読めるものはありません。カードには何も送っていません。",
            )
        )
    return purposes
