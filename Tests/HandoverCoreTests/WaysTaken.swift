/// The edges of the diagram that worlds went along, shared by a world and its copies.
final class WaysTaken: Hashable {
    private(set) var edges: Set<StateDiagram.Edge> = []

    func add(_ way: [StateDiagram.Edge]) {
        edges.formUnion(way)
    }

    static func == (left: WaysTaken, right: WaysTaken) -> Bool { left === right }

    func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(self))
    }
}
