import ChannelProtocol
import HandoverCore

/// A process that waits for an index in a generation.
package struct Joiner: Equatable, Sendable {
    let hello: WorkerMessage.Hello
    /// The number of its HELLO, for the answer.
    let request: UInt64?
    let pid: Int32
    /// What it calls its generation.
    let group: String
    /// Whether it waits until an upgrade is asked for.
    var isParked = false
}

/// The owner of what is known of processes that want to join, in the order in which they came.
package struct Joiners: Sendable {
    private var waiting: [(id: JoinerID, joiner: Joiner)] = []
    /// Tells apart those that have no name.
    private(set) var count = 0

    var all: [(id: JoinerID, joiner: Joiner)] { waiting }

    subscript(id: JoinerID) -> Joiner? { waiting.first { $0.id == id }?.joiner }

    /// Takes one in; its group gets a name of its own where it gave none.
    mutating func add(
        _ id: JoinerID, _ hello: WorkerMessage.Hello, request: UInt64?, pid: Int32
    ) -> Joiner {
        count += 1
        let joiner = Joiner(
            hello: hello, request: request, pid: pid,
            group: hello.group ?? "joined.\(pid).\(count)")
        waiting.append((id, joiner))
        return joiner
    }

    mutating func forget(_ id: JoinerID) { waiting.removeAll { $0.id == id } }

    mutating func park(_ id: JoinerID) {
        for index in waiting.indices where waiting[index].id == id {
            waiting[index].joiner.isParked = true
        }
    }

    /// The newest one that waits for an upgrade; it and those of its group wait no longer.
    mutating func unparkNewest() -> Joiner? {
        guard let newest = waiting.last(where: \.joiner.isParked)?.joiner else { return nil }
        for index in waiting.indices where waiting[index].joiner.group == newest.group {
            waiting[index].joiner.isParked = false
        }
        return newest
    }
}
