import Kernel
import SteeringABI

/// The program's global state, shared with it: where new flows go, and what it has counted.
final class ProgramState {
    private let memory: MappedMemory

    init(of map: borrowing OwnedDescriptor) throws(KernelError) {
        memory = try MappedMemory(of: map, length: Int(RELEVO_STATE_SIZE))
    }

    /// Bits of the whole table.
    var fullBits: Int { Int(truncatingIfNeeded: long(RELEVO_FULL_BITS_AT).value) }

    /// The unit of time and the limits that the program goes by.
    var ticks: Ticks {
        let slack = UInt32(RELEVO_SLACK)
        return Ticks(
            shift: short(RELEVO_TICK_SHIFT_AT).value,
            idle: short(RELEVO_IDLE_AT).value &- slack,
            refresh: short(RELEVO_REFRESH_AT).value &- slack,
            confirm: short(RELEVO_CONFIRM_AT).value &- slack)
    }

    /// Writes what does not change while the program is attached.
    func prepare(key: (UInt64, UInt64), shape: TableShape, ticks: Ticks) {
        let slack = UInt32(RELEVO_SLACK)
        long(RELEVO_KEY_AT).value = key.0
        long(RELEVO_KEY_AT, 1).value = key.1
        long(RELEVO_FULL_BITS_AT).value = UInt64(shape.bits)
        short(RELEVO_TICK_SHIFT_AT).value = ticks.shift
        short(RELEVO_IDLE_AT).value = ticks.idle + slack
        short(RELEVO_REFRESH_AT).value = ticks.refresh + slack
        short(RELEVO_CONFIRM_AT).value = ticks.confirm + slack
        for number in 0..<Int(RELEVO_PLACEMENTS) { setSlot(nil, of: number) }
        region = TableRegion(bits: TableShape.denseBits)
    }

    /// Of the hash of flows.
    var key: (UInt64, UInt64) { (long(RELEVO_KEY_AT).value, long(RELEVO_KEY_AT, 1).value) }

    /// Where the table keeps flows; the program grows it when a flow finds no room.
    var region: TableRegion {
        get { TableRegion(word: long(RELEVO_REGION_AT).value) }
        set { long(RELEVO_REGION_AT).value = newValue.word }
    }

    /// Changes the region unless the program was first.
    func changeRegion(from old: TableRegion, to new: TableRegion) -> Bool {
        long(RELEVO_REGION_AT).replace(old.word, by: new.word)
    }

    /// The slot of an open placement.
    func slot(of placement: Int) -> Int? {
        let value = short(RELEVO_SLOT_OF_AT, placement).value
        return value == UInt32(RELEVO_CLOSED) ? nil : Int(value)
    }

    /// Opens a placement on a slot, or closes it: one store.
    func setSlot(_ slot: Int?, of placement: Int) {
        let value = slot.map(UInt32.init) ?? UInt32(RELEVO_CLOSED)
        short(RELEVO_SLOT_OF_AT, placement).value = value
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

    /// The placements in the current choice.
    var currentPlacements: Set<Int> {
        let first = currentChoice * Int(RELEVO_SLOTS)
        let count = Int(long(RELEVO_CURRENT_AT).value & 0xffff_ffff)
        return Set(
            (first..<first + min(count, Int(RELEVO_SLOTS))).map { at in
                let address = RELEVO_CHOICE_AT + at * 2
                return Int(unsafe (memory.base + address).load(as: UInt16.self))
            })
    }

    /// The flip.
    func makeCurrent(choice: Int, count: Int) {
        long(RELEVO_CURRENT_AT).value = UInt64(choice) << 32 | UInt64(count)
    }

    /// The sum over all CPUs, as near as one can read them while they count.
    func counters() -> SteeringCounters {
        var sum = SteeringCounters()
        for cpu in 0..<Int(RELEVO_CPUS) {
            let address = RELEVO_COUNTERS_AT + cpu * MemoryLayout<relevo_counters>.stride
            let one = unsafe (memory.base + address).load(as: relevo_counters.self)
            sum.pinned += one.pinned
            sum.newFlows += one.opened
            sum.fallback += one.fallback + one.passed
            sum.evicted += one.evicted
            sum.unrecorded += one.unrecorded
            sum.datagrams +=
                one.pinned + one.opened + one.unrecorded + one.passed + one.stateless
        }
        return sum
    }

    private func long(_ offset: Int, _ index: Int = 0) -> SharedLong {
        unsafe SharedLong(at: memory.base + offset + index * 8)
    }

    private func short(_ offset: Int, _ index: Int = 0) -> SharedShort {
        unsafe SharedShort(at: memory.base + offset + index * 4)
    }
}
