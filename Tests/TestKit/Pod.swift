import Kernel

/// A worker that somebody else than the supervisor starts: `relevo join` with its server.
package final class Pod {
    package let process: TestProcess

    /// Starts it; it may still be on its way in when this returns.
    ///
    /// - Parameter launcher: what starts it, as a container's runtime would.
    package init(
        of service: Service, _ options: [String], command: [String], as launcher: [String] = []
    ) throws {
        let socket = service.folder.file("run") + "/workers"
        process = try TestProcess(
            launcher + [try Programs.path("relevo"), "join", "--socket", socket] + options + ["--"]
                + command)
    }

    /// Asks it to end, as a cluster does.
    package func terminate() throws { try process.signal(SignalNumber.terminate) }

    /// Ends it as a crash would, and waits until it is gone.
    package func crash() throws {
        try process.signal(SignalNumber.kill)
        _ = try process.exit()
    }
}
