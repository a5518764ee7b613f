"""The set of pictures of the benchmark: large enough, of all kinds, half of it in layouts that nobody tunes on."""

from __future__ import annotations

from collections import Counter

from benchmarks.print_set import BACK_FLAWS, FRONT_FLAWS, cases, holders
from benchmarks.print_table import table
from mnverify.virtual import personas
from mnverify.virtual.print import CONDITIONS, HELD_OUT, layouts


def test_the_set_is_what_was_promised() -> None:
    made = cases()
    genuine = [case for case in made if case.flaw is None]
    forged = [case for case in made if case.flaw is not None]
    assert len(genuine) >= 300 and len(forged) >= 150 and len({case.name for case in made}) == len(made)
    assert {case.holder for case in genuine} == set(holders()) >= {one.id for one in personas()}
    assert {case.condition for case in genuine} == set(CONDITIONS)
    assert {case.flaw for case in forged} == {*FRONT_FLAWS, *BACK_FLAWS}
    assert 2 * sum(case.held_out for case in made) == len(made)
    assert {case.layout for case in made} == set(layouts()) > HELD_OUT
    standard = sum(case.standard for case in made)
    assert standard >= 300 and made == cases()
    assert {"髙", "邉"} <= set(holders()["takahashi"].name + holders()["watanabe"].name)


def test_each_kind_can_be_drawn() -> None:
    seen: set[object] = set()
    for case in cases():
        kind = (case.side, case.flaw)
        if kind not in seen:
            seen.add(kind)
            side = case.print(dpi=150)
            shown = case.shown()
            if case.side.value == "front":
                assert side.printed["security_code"] == shown.security_code
                assert side.printed["name"] == shown.name
    assert len(seen) == 2 + len(FRONT_FLAWS) + len(BACK_FLAWS)


def test_the_table_counts_and_names_what_is_wrong() -> None:
    plain = {"side": "front", "layout": "open", "held_out": True, "condition": "phone", "standard": True, "flaw": None}
    plain |= {"notes": [], "seconds": {"scan": 1.0}, "code": "12345678"}
    rows = [
        {**plain, "index": 0, "name": "a", "judged": {"number-b": "right", "genuine": "right"}},
        {**plain, "index": 1, "name": "b", "judged": {"number-b": "wrong"}, "notes": ["number-b: 1, not 2"]},
        {**plain, "index": 2, "name": "c", "judged": {"forged": "asked"}, "flaw": "no-code"},
    ]
    text = table(rows, 508)
    assert "Pictures judged: 3 of 508, of them 1 forgeries and 3 in held-out layouts" in text
    assert "never wrong, in all conditions | 2 | 1 | 0 | 1 | no |" in text
    assert "| 1 | 1 | 0 | 0 | yes |" in text
    assert "- 1: b: number-b: 1, not 2" in text and "Wrong answers: 1" in text
    assert Counter(text.split())["`12345678`"] == 1
