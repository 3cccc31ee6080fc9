/// Which worker this is, as its supervisor told it.
struct Standing {
    var service: [UInt8] = []
    /// From 1; 0 without a supervisor.
    var generation: UInt64 = 0
    /// The index in its generation, from 0.
    var worker: UInt64 = 0
    /// How many the generation has.
    var workers: UInt64 = 1
}
