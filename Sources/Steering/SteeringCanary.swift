/// Where new flows of a share of the clients go, instead of where all others go.
///
/// All flows of one client, which is one address, go the same way. With the same key a larger share has all
/// clients of a smaller one, at every listener.
package struct SteeringCanary: Hashable, Sendable {
    package let slots: [Int]
    /// Of all clients, from 1 to 999,999.
    package let millionths: Int
    /// Tells which clients they are.
    package let key: UInt64

    package init(slots: [Int], millionths: Int, key: UInt64) {
        precondition(!slots.isEmpty, "a canary without a slot")
        precondition(1..<1_000_000 ~= millionths, "a share of \(millionths) millionths")
        self.slots = slots
        self.millionths = millionths
        self.key = key
    }

    /// The same share for some of the slots.
    package func only(_ some: [Int]) -> SteeringCanary {
        SteeringCanary(slots: some, millionths: millionths, key: key)
    }

    /// The share as a part of 2^32.
    var part: UInt32 { UInt32((UInt64(millionths) << 32) / 1_000_000) }
}

/// A canary as it is in force, read from the program itself.
package struct SteeredShare: Hashable, Sendable {
    package let slots: Set<Int>
    package let millionths: Int

    package init(slots: Set<Int>, millionths: Int) {
        self.slots = slots
        self.millionths = millionths
    }
}
