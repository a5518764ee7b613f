"""``trust list``: the anchors in force."""

from __future__ import annotations

import argparse

from mnverify.cli import inputs
from mnverify.cli.command import Command
from mnverify.cli.exit_status import DONE, USAGE
from mnverify.cli.labels import DOMAINS
from mnverify.cli.options import trust_option
from mnverify.cli.output import show
from mnverify.cli.terminal import columns, print_json, table, wrap
from mnverify.text import Text
from mnverify.verification import TrustStore

_HEADINGS = (
    Text("name", "名前"),
    Text("domain", "領域"),
    Text("environment", "環境"),
    Text("algorithm", "アルゴリズム"),
)


def run(options: argparse.Namespace) -> int:
    """List the anchors, with where they come from."""
    store = inputs.trust_store(options.trust)
    if options.json:
        print_json({"anchors": _documents(store, options.lang)})
        return DONE
    headings = [heading.in_language(options.lang) for heading in _HEADINGS]
    lines = [table(_rows(store, options.lang), headings=headings)]
    for text in sorted({anchor.provenance.in_language(options.lang) for anchor in store.anchors} - {""}):
        lines += ["", *wrap(text, columns())]
    show("\n".join(lines))
    return DONE


def _rows(store: TrustStore, lang: str) -> list[list[str]]:
    return [
        [anchor.name, DOMAINS[anchor.domain].in_language(lang), anchor.environment, _algorithm(anchor.modulus)]
        for anchor in store.anchors
    ]


def _documents(store: TrustStore, lang: str) -> list[dict[str, str]]:
    return [
        {
            "name": anchor.name,
            "key_id": anchor.key_id.hex(),
            "domain": anchor.domain.value,
            "environment": anchor.environment,
            "algorithm": _algorithm(anchor.modulus),
            "provenance": anchor.provenance.in_language(lang),
        }
        for anchor in store.anchors
    ]


def _algorithm(modulus: bytes) -> str:
    return f"RSA-{int.from_bytes(modulus).bit_length()}"


COMMAND = Command(
    "trust list",
    Text("the anchors in force, with provenance", "使われる認証局の鍵と、その出所を表示する"),
    run,
    trust_option,
    examples=(
        ("mnverify trust list", Text("those of real cards", "実際のカードの認証局")),
        ("mnverify trust list --trust anchors.json", Text("those of a file of your own", "独自のファイルの認証局")),
    ),
    statuses=(DONE, USAGE),
)
