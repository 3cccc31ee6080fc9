"""python3 -m kit [--times N] [NAME...]: every server by itself, then the table."""

import argparse
import asyncio
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from kit.keepers import Keeper, Plain, Relevo, Trouble
from kit.measure import measure
from kit.server import HERE, Server
from kit.table import Row, needed, table


def catalog() -> list[str]:
    """The names of all servers."""
    return sorted(each.stem for each in (HERE / "catalog").glob("*.py"))


def server(name: str) -> type[Server]:
    """A server of the catalog."""
    return importlib.import_module(f"catalog.{name}").SERVER


def main() -> int:
    parser = argparse.ArgumentParser(prog="examples/servers/run")
    parser.add_argument("--times", type=int, default=5, help="restarts and upgrades of each")
    parser.add_argument("--packages", action="store_true", help="print the Debian packages")
    parser.add_argument("--newer", action="store_true", help="print those of a newer Debian")
    parser.add_argument("--modules", action="store_true", help="print the PyPI packages")
    parser.add_argument("--inside", metavar="FOLDER", help=argparse.SUPPRESS)
    parser.add_argument("--only", choices=["plain", "relevo"], help="one of the two ways")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(catalog()))
    options = parser.parse_args()
    names = options.names or catalog()
    unknown = set(names) - set(catalog())
    if unknown:
        parser.error(f"no such server: {', '.join(sorted(unknown))}")
    for kind in ("packages", "newer", "modules"):
        if getattr(options, kind):
            wanted = {each for name in names for each in getattr(server(name), kind)}
            print(" ".join(sorted(wanted)))
            return 0
    if options.inside:
        return inside(names[0], Path(options.inside), options)
    return outside(names, options)


def outside(names: list[str], options: argparse.Namespace) -> int:
    """Runs each server in a network of its own, where nothing outlives it, and prints the table."""
    rows = []
    for name in names:
        folder = Path(tempfile.mkdtemp(prefix=f"relevo-{name}."))
        folder.chmod(0o755)
        command = [
            "unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--",
            "sh", "-c", 'ip link set lo up && exec "$@"', "sh",
            sys.executable, "-m", "kit", "--inside", str(folder), "--times", str(options.times),
            *(["--only", options.only] if options.only else []), name]
        subprocess.run(command, env={**os.environ, "PYTHONPATH": str(HERE)}, check=False)
        row = Row.read(folder / "row.json")
        rows.append(row)
        if row.good:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            print(f"   the logs are in {folder}", flush=True)
    print()
    print(table(rows))
    bad = [row.name for row in rows if not row.good]
    if bad:
        print(f"\nNOT LOSSLESS: {', '.join(bad)}")
    return 1 if bad else 0


def inside(name: str, folder: Path, options: argparse.Namespace) -> int:
    """One server, both ways, in this network."""
    row = Row(name=name, times=options.times)
    ways = {"plain": Plain, "relevo": Relevo}
    for way, keeper in ways.items():
        if options.only in (None, way):
            part = folder / way
            part.mkdir()
            one_way(row, way, keeper, server(name)(part), options.times)
            row.write(folder / "row.json")
    return 0


def one_way(row: Row, way: str, keeper: type[Keeper], server: Server, times: int) -> None:
    """Measures and prints one line."""
    row.version, row.load = server.version(), server.load_text
    verb = "restarts" if way == "plain" else "upgrades"
    try:
        server.prepare()
        row.options, row.costs = needed(server.options), server.costs
        tally = asyncio.run(measure(server, keeper(server, way), times))
        row.took(way, tally)
        print(f"{row.version}: {times} {verb}: {tally}", flush=True)
    except Exception as error:
        told = str(error) if isinstance(error, Trouble) else repr(error)
        row.troubles[way] = told
        print(f"{row.version}: {verb}: WENT WRONG: {told}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
