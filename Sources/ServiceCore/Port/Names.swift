import HandoverCore

/// One socket of a listener's reuseport group, by the numbers that never change while it is there.
package struct SlotID: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    /// The listener's number: its index in the settings, in the record and in kept names.
    package let listener: Int
    /// The slot's index in the group.
    package let number: Int

    package init(listener: Int, number: Int) {
        self.listener = listener
        self.number = number
    }

    package static func < (left: SlotID, right: SlotID) -> Bool {
        (left.listener, left.number) < (right.listener, right.number)
    }

    package var description: String { "\(listener).\(number)" }
}

/// One call of a control connection that waits for its answer; the port gives the numbers.
package struct AskerID: Hashable, Sendable {
    package let number: Int

    package init(_ number: Int) { self.number = number }
}

/// A process that has connected to the `workers` socket and has no worker's index yet.
package struct JoinerID: Hashable, Comparable, Sendable {
    package let number: Int

    package init(_ number: Int) { self.number = number }

    package static func < (left: JoinerID, right: JoinerID) -> Bool { left.number < right.number }
}

/// A call of bind(2) that waits to be answered; the port gives the numbers.
package struct CallID: Hashable, Sendable {
    package let number: Int

    package init(_ number: Int) { self.number = number }
}

/// Descriptors that came with one message and are the port's until they are stored or dropped.
package struct ReceivedID: Hashable, Sendable {
    package let number: Int

    package init(_ number: Int) { self.number = number }
}
