"""The same with `socket-affinity`: knotd attaches a steering program of its own to its sockets."""

from catalog.knot import Knot


class KnotAffinity(Knot):
    affinity = "on"

    def version(self) -> str:
        return super().version() + ", socket-affinity"


SERVER = KnotAffinity
