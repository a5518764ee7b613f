"""The card, the law's words and the sentences as data: ``mnverify.json``."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from mnverify import errors
from mnverify.card import allowlist, exchange, forbidden, gate, state
from mnverify.card.allowlist import AllowList
from mnverify.card.credentials import BirthDate, Pin, VerificationNumberA, VerificationNumberB
from mnverify.card.guard import check_floor
from mnverify.card.plan import key_for, plan_reading
from mnverify.card.state import LOWEST_FLOOR
from mnverify.check import MOST_RESUMPTIONS
from mnverify.cli.exit_status import exit_status
from mnverify.client import errors as client_errors
from mnverify.errors import MnverifyError
from mnverify.evidence import TRAP
from mnverify.files import reasons
from mnverify.link.protocol import card_lost
from mnverify.link.slots import busy
from mnverify.profile import PRESENT_CARD, DomainProfile
from mnverify.readers.scripts.observer import LINK_ERRORS
from mnverify.receipts import payload as receipt_payload
from mnverify.receipts.errors import ReceiptError
from mnverify.receipts.verify import _TAIL, _WHY
from mnverify.text import Text
from mnverify.values.dates import Era
from mnverify.values.sex import Sex
from mnverify.values.terms import CredentialKind, Domain, Purpose, Role
from mnverify.verification import age, trust
from mnverify.verification.words import DETAILS, LIMITS, PROVENANCE_JA

FORMAT = "mnverify.bindings/1"
_ROOTS: tuple[type[MnverifyError], ...] = (
    errors.EvidenceError,
    errors.RoleError,
    errors.GateError,
    errors.CredentialError,
    errors.LinkError,
    client_errors.ClientError,
)
_DATA = Path(trust.__file__).parent / "data"


def card_document() -> dict[str, Any]:
    """Everything of ``mnverify.json``."""
    import json

    keys = (_DATA / "laboratory-keys.txt").read_text("ascii").splitlines()
    return {
        "format": FORMAT,
        "profile": _profile(),
        "gate": _gate(),
        "credentials": {
            one.kind: _credential(one) for one in (BirthDate, VerificationNumberB, VerificationNumberA, Pin)
        },
        "roles": [role.value for role in Role],
        "purposes": [purpose.value for purpose in Purpose],
        "eras": [_era(era) for era in Era],
        "sexes": {sex.digit: {"word": sex.value, "ja": sex.japanese} for sex in Sex},
        "floor": {"lowest": LOWEST_FLOOR, "most_resumptions": MOST_RESUMPTIONS},
        "checks": _checks(),
        "limits": {code: _text(text) for code, text in LIMITS.items()},
        "age": {
            "answers": {code: _text(text) for code, text in age._DETAILS.items()},
            "limits": {code: _text(text) for code, text in age._LIMITS.items()},
            "most_years": age.MAX_YEARS,
        },
        "reasons": _constants(reasons),
        "gate_reasons": {**_constants(allowlist), **_constants(forbidden), **_constants(state), **_constants(gate)},
        "errors": _errors(),
        "link_errors": {word: kind.code for word, kind in LINK_ERRORS.items()},
        "sentences": {name: _text(text) for name, text in _sentences().items()},
        "receipt": {
            "format": receipt_payload.FORMAT,
            "claims": list(receipt_payload.CLAIMS),
            "reasons": {reason: _text(Text(text.en + _TAIL.en, text.ja + _TAIL.ja)) for reason, text in _WHY.items()},
        },
        "trust_anchors": json.loads((_DATA / "trust-anchors.json").read_text("utf-8")),
        "provenance_ja": PROVENANCE_JA,
        "laboratory_keys": [line for line in keys if not line.startswith("#")],
    }


def _constants(module: ModuleType) -> dict[str, dict[str, str]]:
    """The sentences that a module keeps, by name."""
    found = {name.strip("_"): text for name, text in vars(module).items() if isinstance(text, Text)}
    return {name: _text(text) for name, text in found.items()}


def _text(text: Text) -> dict[str, str]:
    return {"en": text.en, "ja": text.ja}


def _profile() -> dict[str, Any]:
    scheme = PRESENT_CARD.scheme
    return {
        "name": PRESENT_CARD.name,
        "challenge_length": PRESENT_CARD.challenge_length,
        "scheme": {**scheme._asdict(), "digest_length": scheme.digest_length},
        "domains": {domain.value: _domain(rules) for domain, rules in PRESENT_CARD.domains.items()},
    }


def _domain(rules: DomainProfile) -> dict[str, Any]:
    return {
        "aid": rules.aid.hex().upper(),
        "files": [
            {
                "file_id": rule.file_id,
                "layout": rule.layout,
                "opened_by": sorted(rule.opened_by),
                "holds_number": rule.holds_number,
                "expected_length": rule.expected_length,
                "filler": rule.filler,
            }
            for rule in rules.files.values()
        ],
        "keys": [
            {"key_id": rule.key_id, "kind": rule.kind.value, "digits": rule.digits, "is_number": rule.is_number}
            for rule in rules.keys.values()
        ],
        "purposes": {purpose.value: list(ids) for purpose, ids in rules.purposes.items()},
    }


def _gate() -> dict[str, Any]:
    """Who may send what: by domain and role the AID, the instructions, the files and the keys; and what nobody ever may."""
    return {
        "allowed": {f"{domain}/{role}": _allowed(domain, role) for domain in Domain for role in Role},
        "forbidden": {
            "instructions": [f"{ins:02X}" for ins in sorted(forbidden._INSTRUCTIONS)],
            "domains": {
                domain.value: {
                    "aid": bounds.aid.hex().upper(),
                    "number": [f"{ef:04X}" for ef in sorted(bounds.number)],
                    "nobody": [f"{ef:04X}" for ef in sorted(bounds.nobody)],
                }
                for domain, bounds in forbidden._BOUNDS.items()
            },
        },
    }


def _allowed(domain: Domain, role: Role) -> dict[str, Any]:
    allowed = AllowList(PRESENT_CARD.domains[domain], role)
    return {
        "aid": allowed._aid.hex().upper(),
        "commands": [
            {"cla": f"{cla:02X}", "ins": f"{ins:02X}", "rule": rule.__name__.strip("_").replace("_", "-")}
            for (cla, ins), rule in allowed._rules.items()
        ],
        "files": sorted(allowed._files.values()),
        "keys": {rule.key_id: {"kind": rule.kind.value, "digits": rule.digits} for rule in allowed._keys.values()},
    }


def _credential(kind: type[Any]) -> dict[str, Any]:
    return {"digits": kind.length, "grouped": kind._grouped, "form": _text(kind._form)}


def _era(era: Era) -> dict[str, str]:
    return {"japanese": era.japanese, "letter": era.letter, "first_day": era.first_day.isoformat()}


def _checks() -> dict[str, dict[str, dict[str, str]]]:
    """Every check in its order, every code of it, and the sentence."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for (check, code), text in DETAILS.items():
        found.setdefault(check, {})[code] = _text(text)
    return found


def _errors() -> dict[str, dict[str, Any]]:
    """The classes that a reading, a verification or a client raises, by their code: name, what they are below, exit statuses."""
    kinds: list[type[MnverifyError]] = [
        MnverifyError,
        errors.UsageError,
        errors.CredentialFormatError,
        errors.UnreadableFile,
        *(kind for root in _ROOTS for kind in _below(root, root.__module__)),
        errors.NotVerifiedError,
        errors.ScriptError,
        errors.TrustError,
        errors.UnsupportedCard,
        ReceiptError,
    ]
    return {
        kind.code: {
            "class": kind.__name__,
            "parents": [
                base.code for base in kind.__mro__[1:] if isinstance(base, type) and issubclass(base, MnverifyError)
            ],
            "exit": exit_status(kind.__new__(kind), reading=False),
            "exit_reading": exit_status(kind.__new__(kind), reading=True),
        }
        for kind in kinds
    }


def _below(root: type[MnverifyError], module: str) -> list[type[MnverifyError]]:
    """A class and all below it that one module holds, each once, in the order of their definition."""
    found: dict[type[MnverifyError], None] = {root: None}
    waiting = [root]
    while waiting:
        for kind in waiting.pop(0).__subclasses__():
            if kind.__module__ == module and kind not in found:
                found[kind] = None
                waiting.append(kind)
    return [kind for kind in found if "code" in kind.__dict__]


def _raised(call: Any) -> Text:
    """The sentence of the error that a call raises."""
    try:
        call()
    except MnverifyError as error:
        return error.text
    raise ValueError("nothing was raised")


def _made(error: MnverifyError) -> Text:
    return error.text


def _sentences() -> dict[str, Text]:
    """What is said to people where a reading or a reader of evidence stops; ``{…}`` are filled in."""
    place, why = "{where}", Text("{why}", "{why}")
    general, face = Role.GENERAL, PRESENT_CARD.domains[Domain.FACE_CHECK]
    status = Text("{doing}", "{doing}")
    refused, of_a_file = _made(errors.CardRefused(status, 0xFFFF)), _made(errors.EvidenceError("files.", why))
    return {
        "malformed-evidence-file": Text(*(one.replace("files.", place, 1) for one in of_a_file)),
        "malformed-evidence": _made(errors.EvidenceError(place, why)),
        "evidence-not-for-role": _made(errors.EvidenceRoleError(place, why)),
        "unsupported-card": _made(errors.UnsupportedCard(place, why)),
        "wrong-credential": _made(errors.WrongCredential("{tries_left}")),  # type: ignore[arg-type]
        "credential-blocked": _made(errors.CredentialBlocked()),
        "too-few-tries": _made(errors.TooFewTries("{tries_left}", "{floor}")),  # type: ignore[arg-type]
        "already-verified": _made(errors.AlreadyVerified()),
        "card-refused": Text(*(one.replace("FFFF", "{status_word}") for one in refused)),
        "different-card": _made(exchange.different_card()),
        "link-unreliable": _made(exchange._cut()),
        "card-lost": _made(card_lost()),
        "domain-busy": _made(busy()),
        "not-storable": TRAP,
        "floor": _raised(lambda: check_floor(1)),
        "no-such-credential": Text(
            *(
                one.replace("face-check", "{domain}").replace("pin", "{kind}")
                for one in _raised(lambda: key_for(face, general, CredentialKind.PIN))
            )
        ),
        "number-not-for-role": Text(
            *(
                one.replace("general", "{role}").replace("verification-number-a", "{kind}")
                for one in _raised(lambda: key_for(face, general, CredentialKind.VERIFICATION_NUMBER_A))
            )
        ),
        "purpose-not-for-role": Text(
            *(
                one.replace("general", "{role}")
                for one in _raised(lambda: plan_reading(face, general, (), (Purpose.NUMBER,)))
            )
        ),
        "no-purpose": _raised(lambda: plan_reading(face, general, (), ())),
    }
