"""Recording a reading: the real card is read, the shapes are kept, and an invented holder's card plays the same reading again."""

from mnverify.recording.recorder import CHALLENGE, Recorder

__all__ = ["CHALLENGE", "Recorder"]
