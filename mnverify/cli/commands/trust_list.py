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
_SHIPPED_JA = (
    "実際のカードにある証明書と署名の組から、公開されている読み取りソフトの作者が復元して公開した認証局（CA）の公開鍵です。"
    "J-LIS が公開したものではありません。どの鍵も、その環境の実際のカードの証明書を検証できることを確かめています。"
    "J-LIS から鍵を受け取った事業者は、このファイルを差し替えてください。"
)
_VIRTUAL_JA = "仮想の認証局です。仮想カードだけのためのもので、実際のカードとは関係ありません。"
_JAPANESE = {"production": _SHIPPED_JA, "test": _SHIPPED_JA, "virtual": _VIRTUAL_JA}


def run(options: argparse.Namespace) -> int:
    """List the anchors, with where they come from."""
    store = inputs.trust_store(options.trust)
    provenance = {anchor.provenance for anchor in store.anchors if anchor.provenance}
    told = {text: _in_language(text, options) for text in provenance}
    if options.json:
        print_json({"anchors": _documents(store, told)})
        return DONE
    headings = [heading.in_language(options.lang) for heading in _HEADINGS]
    lines = [table(_rows(store, options.lang), headings=headings)]
    for text in sorted(set(told.values())):
        lines += ["", *wrap(text, columns())]
    show("\n".join(lines))
    return DONE


def _in_language(provenance: str, options: argparse.Namespace) -> str:
    """What ships with the package is told in Japanese too; a file of one's own says what it says."""
    return _JAPANESE.get(options.trust, provenance) if options.lang == "ja" else provenance


def _rows(store: TrustStore, lang: str) -> list[list[str]]:
    return [
        [anchor.name, DOMAINS[anchor.domain].in_language(lang), anchor.environment, _algorithm(anchor.modulus)]
        for anchor in store.anchors
    ]


def _documents(store: TrustStore, provenance: dict[str, str]) -> list[dict[str, str]]:
    return [
        {
            "name": anchor.name,
            "key_id": anchor.key_id.hex(),
            "domain": anchor.domain.value,
            "environment": anchor.environment,
            "algorithm": _algorithm(anchor.modulus),
            "provenance": provenance.get(anchor.provenance, ""),
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
