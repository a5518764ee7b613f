"""What a reading asks for, decided before a byte is sent: which files, opened by which credential."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import NamedTuple

from mnverify.errors import RoleError, UsageError
from mnverify.profile import DomainProfile, FileRule, KeyRule
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Purpose, Role


class Plan(NamedTuple):
    """One reading.

    Attributes:
        credential: the kind that opens all of it.
        files: in reading order, each once.
    """

    credential: CredentialKind
    files: tuple[FileRule, ...]


def key_for(domain: DomainProfile, role: Role, kind: CredentialKind) -> KeyRule:
    """The key EF to which a credential of this kind is presented.

    Raises:
        UsageError: the domain has no such credential.
        RoleError: the role may not present it.
    """
    if kind not in domain.keys:
        raise UsageError(
            Text(
                f"The {domain.domain} application takes no {kind}. Nothing was sent.",
                f"{domain.domain} では {kind} を使えません。何も送っていません。",
            )
        )
    if kind not in domain.keys_for(role):
        raise RoleError(
            Text(
                f"Role {role} may not present {kind}: it is the My Number. Nothing was sent.",
                f"この役割（{role}）では {kind}（個人番号）を提示できません。何も送っていません。",
            )
        )
    return domain.keys[kind]


def plan_reading(
    domain: DomainProfile, role: Role, presented: Container[CredentialKind], purposes: Sequence[Purpose]
) -> Plan:
    """The files that purposes ask for, if the role may read them and a credential that was presented opens them.

    Args:
        domain: the domain.
        role: the declared role.
        presented: the kinds that the card has accepted in this session.
        purposes: one or more.

    Raises:
        RoleError: the role may not read for one of the purposes.
        UsageError: no purpose, one that is not of this domain, or no presented credential opens all of them.
    """
    for purpose in purposes:
        if purpose not in domain.purposes:
            raise UsageError(
                Text(
                    f"The {domain.domain} application does not serve purpose {_shown(purpose)}. Nothing was read.",
                    f"{domain.domain} は目的 {_shown(purpose)} に使えません。何も読んでいません。",
                )
            )
    ids = tuple(dict.fromkeys(i for purpose in purposes for i in domain.purposes[purpose]))
    if not ids:
        raise UsageError(Text("Name at least one purpose.", "目的を1つ以上指定してください。"))
    if not domain.files_for(role).issuperset(ids):
        raise RoleError(
            Text(
                f"Role {role} may not read the My Number. Nothing was read.",
                f"この役割（{role}）では個人番号を読み取れません。何も読んでいません。",
            )
        )
    files = tuple(domain.files[i] for i in ids)
    for kind in domain.keys_for(role):
        if kind in presented and all(not rule.opened_by or kind in rule.opened_by for rule in files):
            return Plan(kind, files)
    raise _not_opened(files)


def _not_opened(files: Sequence[FileRule]) -> UsageError:
    wanted = ", ".join(sorted({kind for rule in files for kind in rule.opened_by}))
    return UsageError(
        Text(
            f"No credential that opens all of this was presented in this session (one of: {wanted}). Nothing was read.",
            f"これらを開ける番号が、このセッションで提示されていません（{wanted} のいずれか）。何も読んでいません。",
        )
    )


def _shown(purpose: object) -> str:
    return str(purpose) if isinstance(purpose, Purpose) else "(unknown)"
