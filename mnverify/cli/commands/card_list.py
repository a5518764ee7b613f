"""``card list``: the invented holders of virtual cards, with what each of them would type."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from mnverify.cli.command import Command
from mnverify.cli.exit_status import DONE, USAGE
from mnverify.cli.labels import CREDENTIALS
from mnverify.cli.output import show
from mnverify.cli.terminal import columns, print_json, width, wrap
from mnverify.text import Text
from mnverify.values.terms import CredentialKind

if TYPE_CHECKING:
    from mnverify.virtual.personas import Persona

_INVENTED = Text(
    "Invented people; their numbers are of virtual cards alone, and can be shown.",
    "すべて架空の人物です。番号は仮想カードだけのもので、表示して差し支えありません。",
)


def run(options: argparse.Namespace) -> int:
    """List the invented holders and their credentials."""
    from mnverify.virtual import personas

    if options.json:
        print_json({"personas": [_document(person, options.lang) for person in personas()]})
        return DONE
    lines = wrap(_INVENTED.in_language(options.lang), columns())
    for person in personas():
        lines += ["", *_lines(person, options.lang)]
    show("\n".join(lines))
    return DONE


def _lines(person: Persona, lang: str) -> list[str]:
    note = Text.of(person.note).in_language(lang)
    lines = wrap(f"{person.id}  {person.name}  {person.birth_printed}", columns(), hanging=2)
    lines += [f"  {line}" for line in wrap(note, columns() - 2)]
    return lines + _credential_lines(person, lang)


def _credential_lines(person: Persona, lang: str) -> list[str]:
    """As many a line as there is room for."""
    lines = [" "]
    for kind, digits in _credentials(person).items():
        words = f" {CREDENTIALS[CredentialKind(kind)].in_language(lang)} {digits} "
        if width(lines[-1] + words) > columns() + 1 and lines[-1].strip():
            lines.append(" ")
        lines[-1] += words
    return [f"  {part}" for line in lines for part in wrap(line.strip(), columns() - 2, hanging=2)]


def _credentials(person: Persona) -> dict[str, str]:
    return {
        CredentialKind.BIRTH_DATE.value: person.birth_digits,
        CredentialKind.VERIFICATION_NUMBER_B.value: person.verification_number_b,
        CredentialKind.PIN.value: person.pin,
        CredentialKind.VERIFICATION_NUMBER_A.value: person.my_number.reveal(),
    }


def _document(person: Persona, lang: str) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "birth_date": str(person.birth),
        "note": Text.of(person.note).in_language(lang),
        "credentials": _credentials(person),
    }


COMMAND = Command(
    "card list",
    Text("the invented holders of virtual cards, and their numbers", "仮想カードの架空の所有者と、その番号を表示する"),
    run,
    examples=(
        ("mnverify card list", Text("who there is, and what they would type", "所有者と、それぞれが入力する番号")),
        (
            "mnverify read face-check --reader virtual:ID --trust virtual",
            Text("reads the card of one of them", "その1人のカードを読む"),
        ),
    ),
    statuses=(DONE, USAGE),
)
