"""The pictures of the benchmark of what is printed: a table of cases, each drawn when it is asked for, the same each time.

Kept as this generator, not as megabytes. Half of the layouts (``HELD_OUT``) are never used while what reads them is tuned.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mnverify.virtual import Persona, persona, personas
from mnverify.virtual.print import (
    CONDITIONS,
    HELD_OUT,
    STANDARD_CONDITIONS,
    Photograph,
    Print,
    PrintFlaw,
    Side,
    layouts,
    photograph,
    print_back,
    print_front,
)
from mnverify.virtual.print.forgery import can_swap_variant, forged

DPI = 600
SHUFFLE = 2026
# People beside the personas, for variants and look-alikes: another name, and code, on the card of a persona.
OTHERS = {
    "takahashi": ("showa-64", "髙橋　桜子", "3141"),
    "watanabe": ("kigen-setsuo", "渡邉　真理", "0770"),
    "saito": ("aoi-makoto", "斎藤　二三エ", "1010"),
    "saito-old": ("heisei-gannen", "齋藤　廣ニ", "8088"),
}
STANDARD = tuple(sorted(STANDARD_CONDITIONS))
HARD = tuple(name for name in CONDITIONS if name not in STANDARD_CONDITIONS)
FRONT_FLAWS = tuple(flaw for flaw in PrintFlaw if flaw.side is Side.FRONT)
BACK_FLAWS = tuple(flaw for flaw in PrintFlaw if flaw.side is Side.BACK and flaw is not PrintFlaw.MISSING_CHIP)


@dataclass(frozen=True)
class Case:
    """One picture: whose card, which side, how it is laid out, forged and photographed."""

    holder: str
    side: Side
    layout: str
    condition: str
    seed: int
    flaw: PrintFlaw | None = None

    @property
    def standard(self) -> bool:
        return self.condition in STANDARD_CONDITIONS

    @property
    def held_out(self) -> bool:
        return self.layout in HELD_OUT

    @property
    def name(self) -> str:
        """What a list of wrong answers calls it; ``mnverify card print`` draws it again (personas)."""
        words = [self.holder, self.side.value, self.layout, self.condition, f"seed {self.seed}"]
        return " ".join([*words, *([self.flaw.value] if self.flaw else [])])

    def person(self) -> Persona:
        """The holder."""
        return holders()[self.holder]

    def shown(self) -> Persona:
        """The holder as the print has him."""
        return forged(self.person(), [self.flaw] if self.flaw else [], self.seed)

    def print(self, dpi: int = DPI) -> Print:
        """The drawn side."""
        draw = print_front if self.side is Side.FRONT else print_back
        return draw(self.person(), layout=self.layout, dpi=dpi, flaws=[self.flaw] if self.flaw else [], seed=self.seed)

    def picture(self) -> Photograph:
        """The photograph."""
        return photograph(self.print(), self.condition, self.seed)


def holders() -> dict[str, Persona]:
    """Everybody, by name."""
    others = {
        name: replace(persona(base), name=shown, security_code=code) for name, (base, shown, code) in OTHERS.items()
    }
    return {one.id: one for one in personas()} | others


def cases() -> list[Case]:
    """All cases, shuffled, so that a slice is a sample of all kinds."""
    made = [*_genuine(), *_forged()]
    random.Random(SHUFFLE).shuffle(made)
    return made


def _genuine() -> Iterator[Case]:
    for h, holder in enumerate(holders()):
        for at, layout in enumerate(layouts()):
            seed = 1000 + 10 * (h * len(layouts()) + at)
            wanted = [STANDARD[(h + at) % 5], STANDARD[(h + at + 2) % 5], HARD[(3 * h + at) % len(HARD)]]
            for more, condition in enumerate(wanted):
                yield Case(holder, Side.FRONT, layout, condition, seed + more)
            back = HARD[(h + 3 * at) % len(HARD)] if (h + at) % 3 == 0 else STANDARD[(2 * h + at) % 5]
            yield Case(holder, Side.BACK, layout, back, seed + 5)


def _forged() -> Iterator[Case]:
    names = list(holders())
    count = 0
    for flaw in (*FRONT_FLAWS, *BACK_FLAWS):
        for layout in layouts():
            for _ in range(4 if flaw.side is Side.FRONT else 3):
                holder = names[(5 * count + 3) % len(names)]
                count += 1
                if flaw is PrintFlaw.SWAPPED_VARIANT and not can_swap_variant(holders()[holder]):
                    holder = "takahashi"
                yield Case(holder, flaw.side, layout, STANDARD[count % 5], 5000 + count, flaw)
