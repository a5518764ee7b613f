"""How a card's files are laid out: tags and lengths, and nothing of their content, for a card that is not read as it should be."""

from __future__ import annotations

from collections.abc import Container

from mnverify.card import apdu
from mnverify.card.apdu import Command
from mnverify.card.exchange import Channel
from mnverify.files.structure import FileStructure, file_structure
from mnverify.masked import MaskedBytearray, MaskedBytes
from mnverify.profile import DomainProfile, FileRule
from mnverify.values.terms import CredentialKind, Role

_PIECE = 231  # bytes that every reader can carry in a short answer
_MAX_OFFSET = 0x7FFF  # READ BINARY has 15 bits of offset
_MAX_READS = 300  # of one file: 64 KiB


def read_structure(
    channel: Channel, domain: DomainProfile, role: Role, presented: Container[CredentialKind]
) -> dict[str, FileStructure]:
    """The structure of every file that can be read now, by file id. A file that the card does not give is left out.

    Args:
        channel: in the clear.
        domain: the domain.
        role: the declared role; what it may not read is not asked for.
        presented: the kinds that the card has accepted in this session.

    Raises:
        LinkError: reader or card.
    """
    found: dict[str, FileStructure] = {}
    for file_id in sorted(domain.files_for(role)):
        rule = domain.files[file_id]
        if not rule.opened_by or any(kind in presented for kind in rule.opened_by):
            data = _whole_file(channel, rule)
            if data is not None:
                found[file_id] = file_structure(data)
    return found


def _whole_file(channel: Channel, rule: FileRule) -> MaskedBytes | None:
    """A file to its end, whatever is in it; ``None`` where the card gives nothing of it."""
    data = MaskedBytearray()
    for _ in range(_MAX_READS):
        if len(data) > _MAX_OFFSET:
            break
        p1, p2 = divmod(len(data), 256) if data else (0x80 | rule.sfi, 0)
        answer = channel.send(Command(0x00, apdu.READ_BINARY, p1, p2, b"", _PIECE))
        if not answer.ok:
            break  # the end, where something came before
        data += answer.data
        if answer.at_end or not answer.data:
            break
    return MaskedBytes(data) if data else None
