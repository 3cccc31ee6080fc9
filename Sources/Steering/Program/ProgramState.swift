import CBPF
import Kernel
import SteeringABI

/// What one listener's program has for itself: where new flows go, and what it has counted.
final class ProgramState {
    private let memory: MappedMemory
    private let processors: Int

    /// Only the counters of processors that there may be are mapped: the rest is never written.
    init(of map: borrowing OwnedDescriptor) throws(KernelError) {
        let possible = Int(libbpf_num_possible_cpus())
        processors = 1...Int(RELEVO_CPUS) ~= possible ? possible : Int(RELEVO_CPUS)
        let counters = processors * MemoryLayout<relevo_counters>.stride
        memory = try MappedMemory(of: map, length: Int(RELEVO_COUNTERS_AT) + counters)
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
        let isCanary = long(RELEVO_CANARY_SHARE_AT).value != 0
        return Set([currentChoice] + (isCanary ? [canaryChoice] : []))
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
        let part = long(RELEVO_CANARY_SHARE_AT).value
        guard part != 0 else { return nil }
        let count = Int(long(RELEVO_CANARY_AT).value & 0xffff_ffff)
        return ViewedCanary(
            placements: row(canaryChoice, count: count), part: part,
            key: long(RELEVO_CANARY_KEY_AT).value)
    }

    /// The flip.
    func makeCurrent(choice: Int, count: Int) {
        long(RELEVO_CURRENT_AT).value = UInt64(choice) << 32 | UInt64(count)
    }

    /// Whether the program knows what a canary is.
    var knowsCanaries: Bool {
        get { long(RELEVO_KNOWS_CANARIES_AT).value == 1 }
        set { long(RELEVO_KNOWS_CANARIES_AT).value = newValue ? 1 : 0 }
    }

    /// Has a choice get the new flows of a share of the clients.
    func begin(_ canary: SteeringCanary, choice: Int, count: Int) {
        if long(RELEVO_CANARY_KEY_AT).value != canary.key {
            // With another key the share that is in force would be of other clients for a moment.
            endCanary()
            long(RELEVO_CANARY_KEY_AT).value = canary.key
        }
        long(RELEVO_CANARY_AT).value = UInt64(choice) << 32 | UInt64(count)
        long(RELEVO_CANARY_SHARE_AT).value = UInt64(canary.part)
    }

    func endCanary() { long(RELEVO_CANARY_SHARE_AT).value = 0 }

    private var canaryChoice: Int {
        Int(long(RELEVO_CANARY_AT).value >> 32) % Int(RELEVO_CHOICES)
    }

    /// The canary that is in force.
    var canary: (placements: Set<Int>, millionths: Int)? {
        let part = long(RELEVO_CANARY_SHARE_AT).value
        guard part != 0 else { return nil }
        // Rounded down on the way there.
        let millionths = Int(((part & 0xffff_ffff) * 1_000_000 + 0xffff_ffff) >> 32)
        let count = Int(long(RELEVO_CANARY_AT).value & 0xffff_ffff)
        return (placements(of: canaryChoice, count: count), millionths)
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

    private func long(_ offset: Int) -> SharedLong {
        unsafe SharedLong(at: memory.base + offset)
    }
}
