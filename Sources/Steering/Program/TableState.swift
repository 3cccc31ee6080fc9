import Kernel
import SteeringABI

/// What the programs of all listeners that share a table read beside it: the hash's key, the units
/// of time, and which slot a placement is.
final class TableState {
    private let memory: MappedMemory
    /// Whether a stay has a second number, for the ids of its sessions.
    let hasAliases: Bool

    init(of map: borrowing OwnedDescriptor, hasAliases: Bool = false) throws(KernelError) {
        self.hasAliases = hasAliases
        memory = try MappedMemory(of: map, length: Int(RELEVO_TABLE_SIZE))
    }

    /// Bits of the whole table.
    var fullBits: Int { Int(truncatingIfNeeded: long(RELEVO_FULL_BITS_AT).value) }

    /// The units of time and the limits that the programs go by.
    var ticks: Ticks {
        let slack = UInt32(RELEVO_SLACK)
        return Ticks(
            freshShift: short(RELEVO_FRESH_SHIFT_AT).value,
            shift: short(RELEVO_TICK_SHIFT_AT).value,
            idle: short(RELEVO_IDLE_AT).value &- slack,
            freshIdle: short(RELEVO_FRESH_IDLE_AT).value &- slack,
            refresh: short(RELEVO_REFRESH_AT).value &- slack,
            confirm: short(RELEVO_CONFIRM_AT).value &- slack,
            honoured: UInt32(Self.honoured(hasIDs: hasAliases)))
    }

    /// Writes what a program goes by before it is attached.
    func prepare(key: (UInt64, UInt64), shape: TableShape, ticks: Ticks) {
        let slack = UInt32(RELEVO_SLACK)
        long(RELEVO_KEY_AT).value = key.0
        long(RELEVO_KEY_AT, 1).value = key.1
        long(RELEVO_FULL_BITS_AT).value = UInt64(shape.bits)
        short(RELEVO_FRESH_SHIFT_AT).value = ticks.freshShift
        short(RELEVO_TICK_SHIFT_AT).value = ticks.shift
        short(RELEVO_CONFIRM_AT).value = ticks.confirm &+ slack
        setLimits(ticks)
        for number in 0..<Int(RELEVO_PLACEMENTS) { setSlot(nil, of: number) }
        region = TableRegion(bits: TableShape.denseBits)
    }

    /// Has the programs go by other limits, in the same units of time. Until the last store they go by some of both.
    func setLimits(_ ticks: Ticks) {
        let slack = UInt32(RELEVO_SLACK)
        short(RELEVO_IDLE_AT).value = ticks.idle &+ slack
        short(RELEVO_FRESH_IDLE_AT).value = ticks.freshIdle &+ slack
        short(RELEVO_REFRESH_AT).value = ticks.refresh &+ slack
    }

    /// Stays are numbered below this.
    var stays: Int { Int(hasAliases ? RELEVO_ALIAS : RELEVO_PLACEMENTS) }

    /// For how many idle times a table's entries are good.
    static func honoured(hasIDs: Bool) -> Int { hasIDs ? 2 : 1 }

    /// Of the hash of flows.
    var key: (UInt64, UInt64) { (long(RELEVO_KEY_AT).value, long(RELEVO_KEY_AT, 1).value) }

    /// Where the table keeps flows; a program grows it when a flow finds no room.
    var region: TableRegion {
        get { TableRegion(word: long(RELEVO_REGION_AT).value) }
        set { long(RELEVO_REGION_AT).value = newValue.word }
    }

    /// Changes the region unless a program was first.
    func changeRegion(from old: TableRegion, to new: TableRegion) -> Bool {
        long(RELEVO_REGION_AT).replace(old.word, by: new.word)
    }

    /// The number of the listener that came last; numbers are not used again while a table lives.
    var lastMember: Int {
        get { Int(short(RELEVO_MEMBERS_AT).value) }
        set { short(RELEVO_MEMBERS_AT).value = UInt32(newValue) }
    }

    /// Until when the programs tell who has flows, in their units.
    var lookedUntil: UInt32 {
        get { short(RELEVO_LOOKED_UNTIL_AT).value }
        set { short(RELEVO_LOOKED_UNTIL_AT).value = newValue }
    }

    /// Where an open placement is.
    func seat(of placement: Int) -> Seat? {
        let value = short(RELEVO_SLOT_OF_AT, placement).value
        if value == UInt32(RELEVO_CLOSED) { return nil }
        let owner = unsafe ownerAddress(placement).load(as: UInt16.self)
        return Seat(member: Int(owner), slot: Int(value))
    }

    /// Opens a placement in a seat: its slot is the one store that counts, and comes last.
    func open(_ placement: Int, in seat: Seat) {
        unsafe ownerAddress(placement).storeBytes(of: UInt16(seat.member), as: UInt16.self)
        if hasAliases { setSlot(seat.slot, of: placement | Int(RELEVO_ALIAS)) }
        setSlot(seat.slot, of: placement)
    }

    /// Closes a placement: one store, or one for each of its numbers.
    func close(_ placement: Int) {
        setSlot(nil, of: placement)
        if hasAliases { setSlot(nil, of: placement | Int(RELEVO_ALIAS)) }
    }

    /// Has the second number of every stay say what the first one does, wherever a predecessor was cut short.
    func alignAliases() {
        guard hasAliases else { return }
        for number in 1..<stays {
            setSlot(seat(of: number)?.slot, of: number | Int(RELEVO_ALIAS))
        }
    }

    private func setSlot(_ slot: Int?, of placement: Int) {
        let value = slot.map(UInt32.init) ?? UInt32(RELEVO_CLOSED)
        short(RELEVO_SLOT_OF_AT, placement).value = value
    }

    private func ownerAddress(_ placement: Int) -> UnsafeMutableRawPointer {
        unsafe memory.base + Int(RELEVO_OWNER_OF_AT) + placement * 2
    }

    private func long(_ offset: Int, _ index: Int = 0) -> SharedLong {
        unsafe SharedLong(at: memory.base + offset + index * 8)
    }

    private func short(_ offset: Int, _ index: Int = 0) -> SharedShort {
        unsafe SharedShort(at: memory.base + offset + index * 4)
    }
}
