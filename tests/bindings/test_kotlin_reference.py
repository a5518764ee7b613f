"""The reference of the Kotlin modules says what the sources say, and nothing public stands there without a word."""

from __future__ import annotations

import re

from tools import kotlin_reference


def test_the_page_is_current() -> None:
    assert kotlin_reference.TARGET.read_text("utf-8") == kotlin_reference.page()


def test_every_class_and_function_has_its_words() -> None:
    silent = []
    for module in kotlin_reference.MODULES:
        for path in kotlin_reference.sources(module):
            for depth, signature, words in kotlin_reference.declarations(path.read_text("utf-8")):
                if depth == 0 and not words:
                    silent.append(f"{path.name}: {signature}")
    assert silent == []


def test_no_build_file_names_a_registry() -> None:
    for path in kotlin_reference.KOTLIN.rglob("pom.xml"):
        text = path.read_text("utf-8").replace("http://maven.apache.org/POM/4.0.0", "")  # the name of the format
        assert not re.search(r"https?://|<repositor|<pluginRepositor", text), path
