"""What the clients of one server saw."""

import time
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Exact counts; every failure keeps its reason."""

    requests: int = 0
    failed: int = 0
    sessions: int = 0
    broken: int = 0
    #: Of the failed requests and broken sessions, those that no supervisor can keep.
    costs: int = 0
    reasons: Counter = field(default_factory=Counter)
    #: Until when what fails is such a cost (time.monotonic).
    costly_until: float = 0.0

    def answered(self, count: int = 1) -> None:
        """Counts requests that were answered as they should be."""
        self.requests += count

    def fail(self, reason: str, count: int = 1) -> None:
        """Counts requests without a right answer."""
        self.requests += count
        self.failed += count
        self.note(reason, count)

    def open(self) -> None:
        """Counts a session that began."""
        self.sessions += 1

    def break_off(self, reason: str) -> None:
        """Counts a session that its server forgot, or that never got going."""
        self.broken += 1
        self.note(reason, 1)

    def note(self, reason: str, count: int) -> None:
        self.reasons[reason] += count
        if time.monotonic() < self.costly_until:
            self.costs += count

    @property
    def sound(self) -> bool:
        """Whether there was a load at all, and nothing failed."""
        return self.requests > 0 and self.failed == 0 and self.broken == 0

    def __str__(self) -> str:
        text = f"{self.failed} of {self.requests} requests failed"
        if self.sessions:
            text += f", {self.broken} of {self.sessions} sessions broken"
        if self.reasons:
            text += " (" + "; ".join(f"{n} x {why}" for why, n in self.reasons.most_common(4)) + ")"
        return text
