"""What can go wrong."""
from __future__ import annotations


class RelevoError(Exception):
    """Something was not done, and why."""


class Refused(RelevoError):
    """The supervisor refused; `code` is for programs (section ERROR of CHANNEL.md)."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"the supervisor refused: {reason} ({code})" if reason
                         else f"the supervisor refused: {code}")
        self.code = code
        self.reason = reason


class Unanswered(RelevoError, TimeoutError):
    """The supervisor did not answer in time."""


class Malformed(RelevoError):
    """The other end does not speak as it should."""


class ServiceEnded(RelevoError):
    """The other end is gone for good."""


class Unsupported(RelevoError):
    """Not without a supervisor, or not with this steering."""
