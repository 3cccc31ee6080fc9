/// How a protocol's datagrams tell whose session they are of: what steering needs to know of it, as data.
package struct Pack: Hashable, Sendable {
    /// What counts when a live 4-tuple and a known id disagree.
    package enum Order: String, CaseIterable, Sendable {
        /// The id: many sessions may share a 4-tuple.
        case id
        /// The 4-tuple: the same small id may be of sessions in two processes.
        case tuple
    }

    /// More would cost each datagram too much.
    package static let mostRules = 8
    /// Rules see that many bytes of a datagram's beginning, and nothing behind them.
    package static let window = 24
    /// What is behind these bytes of an id does not count.
    package static let longestID = 20

    package var order: Order
    /// The first one that a datagram fits counts.
    package var rules: [PackRule]
    /// Only so many bytes of an id count; nil for all.
    package var prefix: Int?

    package init(order: Order, rules: [PackRule], prefix: Int? = nil) {
        self.order = order
        self.rules = rules
        self.prefix = prefix
    }

    /// Whether the length of ids stands in no datagram and has to be said.
    package var needsIDLength: Bool { rules.contains { $0.id?.length == .set } }

    /// The same pack for ids of that length, where it has to be said.
    package func with(idLength: Int) -> Pack {
        var pack = self
        for at in pack.rules.indices where pack.rules[at].id?.length == .set {
            pack.rules[at].id?.length = .bytes(idLength)
        }
        return pack
    }

    /// How many bytes of an id at most count that begins at an offset.
    package func most(at offset: Int) -> Int {
        min(prefix ?? Self.longestID, Self.longestID, Self.window - offset)
    }
}

/// One form of a protocol's datagrams.
package struct PackRule: Hashable, Sendable {
    /// What a datagram does to a session.
    package enum Role: String, CaseIterable, Sendable {
        /// It may begin one, so it is never told by its id.
        case opens = "open"
        /// It goes on with one, be it one that nobody knows.
        case continues = "continue"
        /// It goes on with one that is known; else it begins one.
        case either
    }

    /// Bytes that stand at an offset.
    package struct Condition: Hashable, Sendable {
        package let offset: Int
        package let value: [UInt8]
        /// As many bytes: the bits that count.
        package let mask: [UInt8]

        package init(offset: Int, value: [UInt8], mask: [UInt8]? = nil) {
            self.offset = offset
            self.value = value
            self.mask = mask ?? [UInt8](repeating: 0xff, count: value.count)
        }

        package var end: Int { offset + value.count }
    }

    /// How long an id is.
    package enum Length: Hashable, Sendable {
        case bytes(Int)
        /// The byte at that offset tells it.
        case byte(at: Int)
        /// No datagram tells it: the listener's settings do.
        case set
    }

    /// Where a datagram has the id of its session.
    package struct ID: Hashable, Sendable {
        package let offset: Int
        package var length: Length

        package init(offset: Int, length: Length) {
            self.offset = offset
            self.length = length
        }
    }

    package var role: Role
    /// Shorter datagrams are of another form.
    package var size: Int
    package var conditions: [Condition]
    /// nil where the datagram has none.
    package var id: ID?

    package init(role: Role, size: Int = 0, conditions: [Condition] = [], id: ID? = nil) {
        self.role = role
        self.size = size
        self.conditions = conditions
        self.id = id
    }
}

extension Pack {
    /// The fewest bytes that a datagram of a rule's form has: all those that the rule names.
    package func leastSize(of rule: PackRule) -> Int {
        var size = max(rule.size, rule.conditions.map(\.end).max() ?? 0)
        switch rule.id?.length {
        case .bytes(let count): size = max(size, idEnd(of: rule, count: count))
        case .byte(let at): size = max(size, at + 1)
        case .set, nil: break
        }
        return size
    }

    private func idEnd(of rule: PackRule, count: Int) -> Int {
        guard let id = rule.id else { return 0 }
        return id.offset + min(count, most(at: id.offset))
    }
}
