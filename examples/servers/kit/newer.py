"""Servers of a newer Debian, in a root folder of their own."""

import subprocess
from pathlib import Path

#: Where `run` has unpacked them; without packages that they need to be set up.
ROOT = Path(".build/servers/newer").absolute()


def enter(folder: Path) -> None:
    """Has a server there see its folder, under the same path, and the devices; the mounts end with this
    mount namespace."""
    for each in ("/dev", "/proc", str(folder)):
        inside = ROOT / each.lstrip("/")
        inside.mkdir(parents=True, exist_ok=True)
        if not inside.is_mount():
            subprocess.run(["mount", "--bind", each, str(inside)], check=True)


def command(*words: str) -> list[str]:
    """A command of that root folder; what it reports to has no path there."""
    return ["env", "-u", "NOTIFY_SOCKET", "chroot", str(ROOT), *words]
