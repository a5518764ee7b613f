"""How much longer than it should something may take where the machine is busy with other tests."""

SLACK = 3.0
"""Seconds. What does not keep its deadline takes longer by itself: the deadlines that it would run into are five at least."""
