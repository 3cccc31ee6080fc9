internal import CRelevoClient

/// One packet that came, with its descriptors, which whoever handles it owns.
struct Arrival {
    /// nil for one that cannot be understood.
    let message: Message?
    let descriptors: [Int32]

    var id: UInt64? { message?.number("ID") }

    /// Closes what came and is not wanted.
    func drop() {
        for descriptor in descriptors where descriptor >= 0 { relevo_sys_close(descriptor) }
    }
}
