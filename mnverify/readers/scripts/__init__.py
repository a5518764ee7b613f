"""Readings as scripts: the shape of one, its JSON, and a link that plays it."""

from mnverify.readers.scripts.observer import ObservedLink
from mnverify.readers.scripts.replay import ReplayLink
from mnverify.readers.scripts.script import Script

__all__ = ["ObservedLink", "ReplayLink", "Script"]
