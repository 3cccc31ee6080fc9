/// Where the new flows of some of the clients go, instead of where all others go.
///
/// All flows of one client, which is one address, go the same way. With the same key a larger share has all
/// clients of a smaller one, at every listener.
package struct SteeringCanary: Hashable, Sendable {
    package let slots: [Int]
    /// Of all clients, up to 999,999; 0 where only networks count.
    package let millionths: Int
    /// Those of these networks as well; at most 64.
    package let networks: [SteeringNetwork]
    /// Tells which clients the share is made of.
    package let key: UInt64

    package init(
        slots: [Int], millionths: Int, networks: [SteeringNetwork] = [], key: UInt64
    ) {
        precondition(!slots.isEmpty, "a canary without a slot")
        let least = networks.isEmpty ? 1 : 0
        precondition(least..<1_000_000 ~= millionths, "a share of \(millionths) millionths")
        precondition(networks.count <= SteeringNetwork.most, "\(networks.count) networks")
        self.slots = slots
        self.millionths = millionths
        self.networks = networks
        self.key = key
    }

    /// The same clients for some of the slots.
    package func only(_ some: [Int]) -> SteeringCanary {
        SteeringCanary(slots: some, millionths: millionths, networks: networks, key: key)
    }

    /// The share as a part of 2^32.
    var part: UInt32 { UInt32((UInt64(millionths) << 32) / 1_000_000) }
}

/// A canary as it is in force, read from the program itself.
package struct SteeredShare: Hashable, Sendable {
    package let slots: Set<Int>
    package let millionths: Int
    package let networks: [SteeringNetwork]

    package init(slots: Set<Int>, millionths: Int, networks: [SteeringNetwork] = []) {
        self.slots = slots
        self.millionths = millionths
        self.networks = networks
    }
}
