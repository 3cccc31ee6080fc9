import Foundation
import HandoverCore

/// The edges that STATES.md draws, and which of them a transition went along.
struct StateDiagram: Sendable {
    /// An edge with one of its labels.
    struct Edge: Hashable, Comparable, CustomStringConvertible {
        let subject: Transition.Subject
        let from: String
        let to: String
        let label: String

        var description: String { "\(subject): \(from) --> \(to) : \(label)" }

        static func < (left: Edge, right: Edge) -> Bool { left.description < right.description }
    }

    /// Labels of what follows in the same turn as any event.
    private static let always: Set = ["tick", "settle"]

    let edges: Set<Edge>
    /// Words that stand for several events.
    private let groups: [String: Set<String>]

    static let drawn: StateDiagram = {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/HandoverCore/STATES.md")
        return StateDiagram((try? String(contentsOf: file, encoding: .utf8)) ?? "")
    }()

    init(_ text: String) {
        var edges: Set<Edge> = []
        var groups: [String: Set<String>] = [:]
        var subject = Transition.Subject.generation
        for line in text.split(separator: "\n") {
            if line == "## A worker" { subject = .worker }
            if let group = line.wholeMatch(of: #/- `([a-z]+)`: ((?:[A-Za-z]+, )+[A-Za-z]+)/#) {
                groups["\(group.1)"] = Set(Self.list(group.2))
            }
            guard let match = line.wholeMatch(of: #/ +(\S+) --> (\S+) : (.+)/#) else { continue }
            for label in Self.list(match.3) {
                edges.insert(
                    Edge(subject: subject, from: "\(match.1)", to: "\(match.2)", label: label))
            }
        }
        self.edges = edges
        self.groups = groups
    }

    private static func list(_ text: Substring) -> [String] {
        text.split(separator: ", ").map(String.init)
    }

    /// The edges of the shortest drawn way that explains a transition; nil if none does.
    ///
    /// The first edge is labelled with the event, if there is such a way. All others are labelled with what
    /// follows in any turn.
    func way(of transition: Transition) -> [Edge]? {
        var ways = [
            edges.filter { goes($0, transition) && means($0.label, transition.event) },
            edges.filter { goes($0, transition) && Self.always.contains($0.label) },
        ].joined().map { [$0] }
        for _ in 0..<4 {
            if let found = ways.first(where: { $0.last?.to == transition.to }) { return found }
            ways = ways.flatMap { way in
                edges.filter {
                    $0.subject == transition.subject && $0.from == way.last?.to
                        && Self.always.contains($0.label)
                }.map { way + [$0] }
            }
        }
        return nil
    }

    private func goes(_ edge: Edge, _ transition: Transition) -> Bool {
        edge.subject == transition.subject && edge.from == transition.from
    }

    private func means(_ label: String, _ event: String) -> Bool {
        label == event || groups[label]?.contains(event) ?? false
    }
}
