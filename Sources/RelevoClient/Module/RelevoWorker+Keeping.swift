internal import Synchronization

extension RelevoWorker {
    /// Leaves descriptors (such as a memfd with state) with the supervisor for the later workers of
    /// this index, in the place of what is kept under the name, or with it. They stay the
    /// caller's as well. At most 32 at once and 64 in all; the name is printable ASCII without `:`.
    public func store(
        _ descriptors: [CInt], as name: String, adding: Bool = false,
        within limit: Duration = .seconds(30)
    ) throws(RelevoError) {
        try locked { core throws(RelevoError) in
            try core.store(
                descriptors, as: Array(name.utf8), adding: adding, within: limit.nanoseconds)
        }
    }

    /// Takes the first descriptor that an earlier worker left under the name; the caller owns it.
    /// nil when there is none, or no more.
    public func take(_ name: String) -> CInt? {
        core.withLock { $0.takeKept(Array(name.utf8)) }
    }

    /// Asks the supervisor again for all that is kept, also by this worker itself, for `take`.
    public func fetch(within limit: Duration = .seconds(30)) throws(RelevoError) {
        try locked { core throws(RelevoError) in try core.fetch(within: limit.nanoseconds) }
    }

    /// Lets go of what is kept under the name.
    public func forget(
        _ name: String, within limit: Duration = .seconds(30)
    ) throws(RelevoError) {
        try locked { core throws(RelevoError) in
            try core.forget(Array(name.utf8), within: limit.nanoseconds)
        }
    }
}
