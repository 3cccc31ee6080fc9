import Kernel

/// Which process of which generation answers.
struct ServerIdentity: Hashable {
    var generation: UInt32
    var worker: UInt32
    var process: UInt32

    /// This process, its generation and worker as the supervisor has told it, 0 where nobody has.
    static var this: ServerIdentity {
        func number(_ name: String) -> UInt32 {
            Environment.value(of: name).flatMap { UInt32($0) } ?? 0
        }
        return ServerIdentity(
            generation: number("RELEVO_GENERATION"), worker: number("RELEVO_WORKER"),
            process: UInt32(bitPattern: ProcessIdentity.processID))
    }
}
