import CBPF
import Kernel
import SteeringABI

/// How busy a listener's slots are, for a program that places new flows by load.
final class LoadState {
    /// One for how busy they are, and one for each processor's counts.
    static let rows = 1 + max(1, Int(libbpf_num_possible_cpus()))

    private let memory: MappedMemory
    private var last: (counts: [UInt32], time: Duration)?

    init(of map: borrowing OwnedDescriptor) throws(KernelError) {
        memory = try MappedMemory(of: map, length: Self.rows * Int(RELEVO_LOADS_SIZE))
    }

    /// Says how busy the slots were since the last time; the first time there is nothing to say.
    ///
    /// - Parameter flows: how many the listener has.
    func review(flows: Int, at time: Duration) {
        let counts = (0..<Int(RELEVO_SLOTS)).map(count)
        defer { last = (counts, time) }
        guard let last, time > last.time else { return }
        let seconds = (time - last.time) / .seconds(1)
        var sum = 0.0
        for (slot, count) in counts.enumerated() {
            let rate = Double(count &- last.counts[slot]) / seconds
            sum += rate
            store(rate, row: 0, at: Int(RELEVO_LOAD_SLOT_AT) + slot * 4)
        }
        // One that nothing is known of yet counts as well.
        store(max(1, sum / Double(max(1, flows))), row: 0, at: Int(RELEVO_LOAD_STEP_AT))
    }

    /// How busy a slot is, as the program reads it.
    func load(of slot: Int) -> UInt32 {
        word(row: 0, at: Int(RELEVO_LOAD_SLOT_AT) + slot * 4).value
    }

    /// A slot's datagrams on all processors, and around.
    private func count(of slot: Int) -> UInt32 {
        (1..<Self.rows).reduce(0) { sum, row in
            sum &+ word(row: row, at: Int(RELEVO_LOAD_SLOT_AT) + slot * 4).value
        }
    }

    private func store(_ rate: Double, row: Int, at offset: Int) {
        word(row: row, at: offset).value = UInt32(min(rate.rounded(), Double(UInt32.max)))
    }

    private func word(row: Int, at offset: Int) -> SharedShort {
        unsafe SharedShort(at: memory.base + row * Int(RELEVO_LOADS_SIZE) + offset)
    }
}
