import Steering

/// How what is sent to groups of hosts (multicast, broadcast) is kept from a slot's socket while others are to
/// hear it, and so what the kernel's count of the socket's drops means.
enum GroupHearing {
    /// Nothing is kept from it.
    case all
    /// By the program, which counts what it drops.
    case counted(GroupFilter, cookie: UInt64)
    /// By classic BPF, which cannot count: of what is dropped meanwhile nobody knows why.
    case uncounted(ClassicSpell)

    /// The kernel's count, told apart.
    ///
    /// - Parameter all: reads it.
    func drops(_ all: () -> Int) -> (lost: Int, unclear: Int) {
        switch self {
        case .all: return (all(), 0)
        case .counted(let filter, let cookie):
            var total = 0
            var before = filter.unheard(by: cookie)
            // One that comes between two readings would look lost, or hide a loss.
            for _ in 0..<3 {
                total = all()
                let after = filter.unheard(by: cookie)
                defer { before = after }
                if after == before { break }
            }
            return (max(0, total - before), 0)
        case .uncounted(let spell):
            let total = all()
            let unclear = spell.drops(of: total)
            return (max(0, total - unclear), unclear)
        }
    }

    /// The socket is closed, or its worker's alone from here on.
    func end() {
        if case .counted(let filter, let cookie) = self { filter.leave(cookie) }
    }
}

/// What the kernel had counted when a filter that cannot count came and went.
struct ClassicSpell: Codable, Equatable {
    /// Dropped while it was there, until it last went.
    var past = 0
    /// The count when it came; nil while it is not there.
    var since: Int?

    /// Those of a count that fall into its times.
    func drops(of total: Int) -> Int { past + (since.map { max(0, total - $0) } ?? 0) }

    mutating func begin(at total: Int) { if since == nil { since = total } }

    mutating func end(at total: Int) { (past, since) = (drops(of: total), nil) }
}
