"""Links around the virtual card that count, and that break in the ways readers break."""

from __future__ import annotations

from collections.abc import Callable

from mnverify.card import AuditEntry, Link, LinkCapabilities
from mnverify.errors import GateError, LinkCorrupt
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Domain
from mnverify.virtual import VirtualCard

AIDS = {
    Domain.FACE_CHECK: bytes.fromhex("D3921000310001010402"),
    Domain.INPUT_ASSIST: bytes.fromhex("D3921000310001010408"),
}
OTHER_AIDS = tuple(
    bytes.fromhex(aid)
    for aid in (
        "D3921000310001010401",
        "D3921000310001010100",
        "D392F000260100000001",
        "D3921000310001019901",
        "A0000001510000",
        "A0000002471001",
        "D392F00026010000000101",
        "D392100031000101040200",
        "D3921000310001010403",
    )
)


def select_df(domain: Domain) -> bytes:
    """The one SELECT of an application."""
    return b"\x00\xa4\x04\x0c\x0a" + AIDS[domain]


def corrupt() -> LinkCorrupt:
    """The error of a link that lost an answer but not the card."""
    return LinkCorrupt(Text("broken answer", "壊れた応答"))


class Passing:
    """A wrapper as a third party writes one; it passes everything on."""

    def __init__(self, link: Link) -> None:
        self.link = link

    def transmit(self, command: bytes) -> bytes:
        """Pass a command on."""
        return self.link.transmit(command)

    def reset(self) -> None:
        """Pass a reset on."""
        self.link.reset()


class Unwrapping(Passing):
    """A wrapper that passes on the plain bytes."""

    def transmit(self, command: bytes) -> bytes:
        """Pass a copy on."""
        return self.link.transmit(bytes(command))


class NoReset(Passing):
    """A wrapper that swallows resets."""

    def reset(self) -> None:
        """Do nothing."""


WAYS: dict[str, Callable[[VirtualCard], Link]] = {
    "card": lambda card: card,
    "wrapped": lambda card: Passing(Passing(card)),
    "unwrapped": Unwrapping,
    "no reset": NoReset,
}
"""What a third party may put between a link and the card."""


class CardLink:
    """A link to a virtual card that takes nothing but permitted commands, and counts them.

    Attributes:
        way: what stands between the link and the card, for all links of a test.

    Args:
        card: the card.
        after: may change an answer, or raise; it gets the command and the answer.
        capabilities: the link's own, or none.
    """

    way: Callable[[VirtualCard], Link] = staticmethod(WAYS["card"])

    def __init__(
        self,
        card: VirtualCard,
        after: Callable[[bytes, bytes], bytes] | None = None,
        capabilities: LinkCapabilities | None = None,
    ) -> None:
        self.card, self.below = card, type(self).way(card)
        self.after = after
        self.sent: list[bytes] = []
        self.resets = 0
        if capabilities is not None:
            self.capabilities = capabilities

    def transmit(self, command: bytes) -> bytes:
        """Pass the command on."""
        plain = bytes(command)
        try:
            answer = self.below.transmit(command)  # the card refuses what has no valid permit
        except GateError:
            raise
        except BaseException:
            self.sent.append(plain)
            raise
        self.sent.append(plain)
        return answer if self.after is None else self.after(plain, answer)

    def reset(self) -> None:
        """Reset the card."""
        self.resets += 1
        self.below.reset()

    @property
    def forms(self) -> list[str]:
        """CLA INS P1 P2 of what was sent."""
        return [command[:4].hex() for command in self.sent]


def all_tries(card: VirtualCard) -> dict[str, int | None]:
    """The retry counters of a card, read behind its back."""
    keys = {Domain.FACE_CHECK: ("0011", "0012", "0013"), Domain.INPUT_ASSIST: ("0011", "0014", "0015")}
    return {f"{domain}/{key}": card.retries(domain, key) for domain, ids in keys.items() for key in ids}


def refused(audit: tuple[AuditEntry, ...]) -> list[AuditEntry]:
    """The refusals of an audit."""
    return [entry for entry in audit if not entry.allowed]


def digits(card: VirtualCard, kind: CredentialKind) -> str:
    """What opens the card."""
    return card.credentials[kind.value]
