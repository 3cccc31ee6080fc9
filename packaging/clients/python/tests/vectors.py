"""Reads the vectors that all clients are tested with."""
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "vectors"


def blocks() -> list[dict]:
    """Of channel.txt: `kind`, `bytes`, `verb`, `fields` and `means`."""
    found: list[dict] = []
    for line in (FOLDER / "channel.txt").read_text().split("\n"):
        word, _, rest = line.partition(" ")
        if word in ("says", "hears"):
            found.append({"kind": word, "bytes": bytes.fromhex(rest), "fields": []})
        elif word == "field":
            key, _, value = rest.partition("=")
            found[-1]["fields"].append((key, value))
        elif word in ("verb", "means"):
            found[-1][word] = rest
    return found


def lines(kind: str) -> list[list[str]]:
    """The words of all lines of client.txt of this kind."""
    return [line.split()[1:] for line in (FOLDER / "client.txt").read_text().splitlines()
            if line.split(" ")[0] == kind]


def packets() -> list[tuple[bytes, list[list[str]]]]:
    """Of client.txt the packets of datagrams, with the words of each."""
    found: list[tuple[bytes, list[list[str]]]] = []
    for line in (FOLDER / "client.txt").read_text().splitlines():
        words = line.split()
        if words[:1] == ["datagrams"]:
            found.append((bytes.fromhex(words[1]), []))
        elif words[:1] == ["datagram"]:
            found[-1][1].append(words[1:])
    return found
