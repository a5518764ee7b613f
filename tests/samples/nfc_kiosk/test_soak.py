"""A short soak in every run; ``python -m benchmarks.kiosk`` makes the long one."""

from __future__ import annotations

from tests.samples.nfc_kiosk.soak import STORIES, run


def test_visits_in_a_row_with_faults() -> None:
    report = run(len(STORIES) + 8, seed=20261124)
    assert report.stuck == []
    assert report.tries_lost == 0
    assert {end.partition(":")[0] for end in report.ends} == set(STORIES)
    said = {end.partition(": ")[0]: end.partition(": ")[2] for end in report.ends}
    assert said["plain"] == "match" and said["cloned"] == said["expired"] == "rejected"
    assert said["wrong-twice"] == said["few-tries"] == "ask-staff" and said["wrong-code"] == "match"
    assert said["bank-card"] == "not-my-number-card, then match" and said["two-cards"] == "two-cards, then match"
    assert said["age-wrong"] == "wrong-number" and said["silent"] == "forgotten" and said["pulled"] == "match"
    assert report.grown < 30_000_000 and report.threads <= 0
