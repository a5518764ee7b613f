"""A sentence in the two languages of the people who read it."""

from __future__ import annotations

from typing import NamedTuple


class Text(NamedTuple):
    """One sentence in English and in Japanese.

    Everything the SDK says to a person (errors, check details, limits, report labels) is a ``Text``,
    so that no message exists in one language only.
    """

    en: str
    ja: str

    def __str__(self) -> str:
        """The English sentence."""
        return self.en

    @classmethod
    def of(cls, words: Text | str) -> Text:
        """A ``Text`` as it is; a plain ``str`` (a name, a code, a path) as the same word in both languages."""
        return words if isinstance(words, Text) else cls(words, words)

    def in_language(self, lang: str) -> str:
        """The sentence in ``lang``: ``"ja"`` for Japanese, English for anything else."""
        return self.ja if lang == "ja" else self.en

    def fill(self, **values: object) -> Text:
        """The sentence with its ``{placeholders}`` filled in, in both languages; a ``Text`` in its own of each."""
        return Text(
            self.en.format(**{name: v.en if isinstance(v, Text) else v for name, v in values.items()}),
            self.ja.format(**{name: v.ja if isinstance(v, Text) else v for name, v in values.items()}),
        )
