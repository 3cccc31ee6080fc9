"""The figures of a run as a Markdown table."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kit.tally import Tally


@dataclass
class Row:
    """One server's figures, both ways."""

    name: str
    times: int
    version: str = ""
    load: str = ""
    options: str = ""
    costs: str = ""
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    troubles: dict[str, str] = field(default_factory=dict)

    def took(self, way: str, tally: Tally) -> None:
        """Notes what was counted one way."""
        self.counts[way] = {
            "requests": tally.requests, "failed": tally.failed,
            "sessions": tally.sessions, "broken": tally.broken, "costs": tally.costs}

    @property
    def good(self) -> bool:
        """Whether everything was measured, and upgrades cost nobody what can be kept."""
        upgrades = self.counts.get(
            "relevo", {"requests": 1, "failed": 0, "broken": 0, "costs": 0})
        if self.troubles or upgrades["requests"] == 0:
            return False
        return upgrades["failed"] + upgrades["broken"] == upgrades["costs"]

    def text(self, way: str) -> str:
        """Failed requests and broken sessions of how many."""
        if way not in self.counts:
            return "went wrong" if way in self.troubles else "-"
        counts = self.counts[way]
        text = f"{counts['failed']:,} of {counts['requests']:,}"
        if counts["sessions"]:
            text += f"; {counts['broken']:,} of {counts['sessions']:,}"
        if way == "relevo" and self.costs:
            text += f": {self.costs}"
        return text

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> "Row":
        """What the run of a server left; one that left nothing went wrong."""
        if not path.exists():
            return cls(path.parent.name, 0, path.parent.name, troubles={"relevo": "ended early"})
        return cls(**json.loads(path.read_text()))


def needed(options: list[str]) -> str:
    """The options that a server needs. Its idle timeout is not one: it only ends drains sooner here."""
    pairs = zip(options[::2], options[1::2], strict=True)
    wanted = [
        f"`{name} {'FOLDER' if value.startswith('/') else value}`"
        for name, value in pairs if name != "--idle-timeout"]
    return ", ".join(wanted) or "none"


def table(rows: list[Row]) -> str:
    """One line a server; failed requests, then broken sessions where the server keeps any."""
    times = max((row.times for row in rows), default=0)
    lines = [
        f"| server | options | load | failed; broken, {times} plain restarts | {times} upgrades |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(
            f"| {row.version} | {row.options} | {row.load} | {row.text('plain')} "
            f"| {row.text('relevo')} |")
    return "\n".join(lines)
