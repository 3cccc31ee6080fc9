/// What a datagram says of its session.
package struct PackMatch: Equatable, Sendable {
    package let role: PackRule.Role
    /// What counts of its id; nil where it has none.
    package let id: [UInt8]?

    package init(role: PackRule.Role, id: [UInt8]?) {
        self.role = role
        self.id = id
    }
}

extension Pack {
    /// Reads a datagram as the program in the kernel does (pack.bpf.c), without its haste.
    ///
    /// A datagram of no form that is described may begin a session.
    package func match(_ datagram: [UInt8]) -> PackMatch {
        guard let number = rule(for: datagram) else { return PackMatch(role: .opens, id: nil) }
        return PackMatch(role: rules[number].role, id: id(of: rules[number], in: datagram))
    }

    /// Which rule counts for a datagram; nil where it is of no form that is described.
    package func rule(for datagram: [UInt8]) -> Int? {
        rules.firstIndex { fits($0, datagram) }
    }

    private func fits(_ rule: PackRule, _ datagram: [UInt8]) -> Bool {
        guard datagram.count >= leastSize(of: rule) else { return false }
        return rule.conditions.allSatisfy { condition in
            zip(condition.value, condition.mask).enumerated().allSatisfy { at, byte in
                datagram[condition.offset + at] & byte.1 == byte.0
            }
        }
    }

    /// An id that is not whole is none.
    private func id(of rule: PackRule, in datagram: [UInt8]) -> [UInt8]? {
        guard let id = rule.id else { return nil }
        let count: Int
        switch id.length {
        case .bytes(let bytes): count = bytes
        case .byte(let at):
            count = Int(datagram[at])
            guard id.offset + count <= datagram.count else { return nil }
        case .set: return nil
        }
        let counted = min(count, most(at: id.offset))
        return counted > 0 ? Array(datagram[id.offset..<id.offset + counted]) : nil
    }
}
