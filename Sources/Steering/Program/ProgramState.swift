import CBPF
import Kernel
import SteeringABI

/// What one listener's program has for itself: where new flows go, and what it has counted.
final class ProgramState {
    private let memory: MappedMemory
    private let processors: Int
    /// Programs of supervisors before end where the networks begin.
    private let isWhole: Bool

    init(of map: borrowing OwnedDescriptor) throws(KernelError) {
        let possible = Int(libbpf_num_possible_cpus())
        processors = 1...Int(RELEVO_CPUS) ~= possible ? possible : Int(RELEVO_CPUS)
        let size = try MapForm.valueSize(of: map)
        isWhole = size >= Int(RELEVO_STATE_SIZE)
        memory = try MappedMemory(of: map, length: size)
    }

    /// The listener's number among those that share its table, from 1 on.
    var member: Int {
        get { Int(truncatingIfNeeded: long(RELEVO_MEMBER_AT).value >> UInt64(RELEVO_MEMBER_SHIFT)) }
        set { long(RELEVO_MEMBER_AT).value = UInt64(newValue) << UInt64(RELEVO_MEMBER_SHIFT) }
    }

    /// Fills a choice that is not current.
    func write(choice: Int, placements: [Int]) {
        let first = choice * Int(RELEVO_SLOTS)
        for (at, placement) in placements.enumerated() {
            let address = RELEVO_CHOICE_AT + (first + at) * 2
            unsafe (memory.base + address).storeBytes(of: UInt16(placement), as: UInt16.self)
        }
    }

    /// The choice that is current.
    var currentChoice: Int {
        Int(long(RELEVO_CURRENT_AT).value >> 32) % Int(RELEVO_CHOICES)
    }

    /// The choices that the program may be reading: one that was in use before the last store goes on.
    var usedChoices: Set<Int> {
        Set([currentChoice] + (hasCanary ? [canaryChoice] : []))
    }

    /// The placements in the current choice.
    var currentPlacements: Set<Int> {
        placements(of: currentChoice, count: Int(long(RELEVO_CURRENT_AT).value & 0xffff_ffff))
    }

    /// Those that new flows go to, in the current choice or a canary's.
    var chosenPlacements: Set<Int> { currentPlacements.union(canary?.placements ?? []) }

    private func placements(of choice: Int, count: Int) -> Set<Int> {
        Set(row(choice, count: count))
    }

    private func row(_ choice: Int, count: Int) -> [Int] {
        let first = choice % Int(RELEVO_CHOICES) * Int(RELEVO_SLOTS)
        return (first..<first + min(count, Int(RELEVO_SLOTS))).map { at in
            let address = RELEVO_CHOICE_AT + at * 2
            return Int(unsafe (memory.base + address).load(as: UInt16.self))
        }
    }

    /// The current choice in its order.
    var currentRow: [Int] {
        row(currentChoice, count: Int(long(RELEVO_CURRENT_AT).value & 0xffff_ffff))
    }

    /// The canary as the program reads it.
    var viewedCanary: ViewedCanary? {
        guard hasCanary else { return nil }
        let count = Int(long(RELEVO_CANARY_AT).value & 0xffff_ffff)
        return ViewedCanary(
            placements: row(canaryChoice, count: count),
            part: long(RELEVO_CANARY_SHARE_AT).value, networks: networks,
            key: long(RELEVO_CANARY_KEY_AT).value)
    }

    /// The flip.
    func makeCurrent(choice: Int, count: Int) {
        long(RELEVO_CURRENT_AT).value = UInt64(choice) << 32 | UInt64(count)
    }

    /// What the program heeds of a canary.
    enum Knowledge: UInt64, Comparable {
        case nothing = 0
        case shares = 1
        case networks = 2

        static func < (left: Knowledge, right: Knowledge) -> Bool {
            left.rawValue < right.rawValue
        }
    }

    var knowsOfCanaries: Knowledge {
        let known = Knowledge(rawValue: long(RELEVO_KNOWS_CANARIES_AT).value) ?? .nothing
        return isWhole ? known : min(known, .shares)
    }

    /// To be called for a program that has just been loaded.
    func noteKnowledge() { long(RELEVO_KNOWS_CANARIES_AT).value = Knowledge.networks.rawValue }

    /// Has a choice get the new flows of some of the clients.
    func begin(_ canary: SteeringCanary, choice: Int, count: Int) {
        if long(RELEVO_CANARY_KEY_AT).value != canary.key || networks != canary.networks {
            // With another key the share that is in force would be of other clients for a moment.
            endCanary()
            long(RELEVO_CANARY_KEY_AT).value = canary.key
            for (at, network) in canary.networks.enumerated() { write(network, at: at) }
        }
        long(RELEVO_CANARY_AT).value = UInt64(choice) << 32 | UInt64(count)
        long(RELEVO_CANARY_NETWORKS_AT).value = UInt64(canary.networks.count)
        long(RELEVO_CANARY_SHARE_AT).value = UInt64(canary.part)
    }

    func endCanary() {
        long(RELEVO_CANARY_SHARE_AT).value = 0
        long(RELEVO_CANARY_NETWORKS_AT).value = 0
    }

    /// Whether some of the clients' new flows go elsewhere.
    private var hasCanary: Bool {
        long(RELEVO_CANARY_SHARE_AT).value != 0 || networkCount != 0
    }

    private var networkCount: Int {
        guard isWhole else { return 0 }
        return Int(min(long(RELEVO_CANARY_NETWORKS_AT).value, UInt64(RELEVO_NETWORKS)))
    }

    /// Those whose clients are the canary's.
    private var networks: [SteeringNetwork] {
        (0..<networkCount).compactMap { at in
            let address = unsafe memory.base + RELEVO_NETWORKS_AT + at * RELEVO_NETWORK_SIZE
            return SteeringNetwork(unsafe address.load(as: relevo_network.self))
        }
    }

    private func write(_ network: SteeringNetwork, at place: Int) {
        let address = unsafe memory.base + RELEVO_NETWORKS_AT + place * RELEVO_NETWORK_SIZE
        unsafe address.storeBytes(of: network.entry, as: relevo_network.self)
    }

    private var canaryChoice: Int {
        Int(long(RELEVO_CANARY_AT).value >> 32) % Int(RELEVO_CHOICES)
    }

    /// The canary that is in force.
    var canary: (placements: Set<Int>, millionths: Int, networks: [SteeringNetwork])? {
        guard hasCanary else { return nil }
        let part = long(RELEVO_CANARY_SHARE_AT).value
        // Rounded down on the way there.
        let millionths = Int(((part & 0xffff_ffff) * 1_000_000 + 0xffff_ffff) >> 32)
        let count = Int(long(RELEVO_CANARY_AT).value & 0xffff_ffff)
        return (placements(of: canaryChoice, count: count), millionths, networks)
    }

    /// Has datagrams to these slots counted beside.
    func countOthers(_ slots: Set<Int>) {
        guard isWhole else { return }
        for word in 0..<Int(RELEVO_SLOTS) / 64 {
            let bits = slots.filter { $0 / 64 == word }
                .reduce(UInt64(0)) { $0 | 1 << UInt64($1 % 64) }
            long(RELEVO_OTHERS_OF_AT, word).value = bits
        }
        long(RELEVO_COUNTS_OTHERS_AT).value = slots.isEmpty ? 0 : 1
    }

    /// How many datagrams have gone to such slots; nil where the program does not count them.
    var others: UInt64? {
        guard isWhole else { return nil }
        return (0..<Int(RELEVO_OTHERS)).reduce(0) { sum, at in
            sum &+ long(RELEVO_OTHERS_AT + at * RELEVO_OTHERS_SIZE).value
        }
    }

    /// The sum over all CPUs, as near as one can read them while they count.
    func counters() -> SteeringCounters {
        var sum = SteeringCounters()
        for cpu in 0..<processors {
            let address = RELEVO_COUNTERS_AT + cpu * MemoryLayout<relevo_counters>.stride
            let one = unsafe (memory.base + address).load(as: relevo_counters.self)
            sum.pinned += one.pinned
            sum.newFlows += one.opened
            sum.fallback += one.fallback + one.passed
            sum.evicted += one.evicted
            sum.unrecorded += one.unrecorded
            sum.untold += one.untold
            sum.datagrams +=
                one.pinned + one.opened + one.unrecorded + one.passed + one.stateless
        }
        return sum
    }

    private func long(_ offset: Int, _ index: Int = 0) -> SharedLong {
        unsafe SharedLong(at: memory.base + offset + index * 8)
    }
}
