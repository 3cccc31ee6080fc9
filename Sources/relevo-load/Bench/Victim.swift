import ArgumentParser
import Kernel

/// Who is killed while a service is under load.
enum Victim: String, ExpressibleByArgument, CaseIterable {
    case supervisor, keeper, worker
}

/// The processes that were killed: what a flow's next process does not know is no fault then.
final class KilledProcesses {
    private(set) var servers: Set<ServerIdentity> = []

    func note(_ server: ServerIdentity) { servers.insert(server) }
}

extension SupervisedService {
    /// Kills the keeper.
    func killKeeper() throws {
        let name = Array("relevo-keeper\n".utf8)
        let keepers = try processes().filter {
            (try? ProcessView.line("comm", of: $0)) == name
        }
        for keeper in keepers { try ProcessHandle(opening: keeper).signal(SignalNumber.kill) }
    }

    /// Kills a worker that has no datagram in hand: what it has read and not answered is nobody's to save.
    ///
    /// - Returns: whether it was found at rest within a while.
    func killAtRest(_ worker: Int32, noting killed: KilledProcesses) throws -> Bool {
        let handle = try ProcessHandle(opening: worker)
        guard let server = ServerIdentity(of: worker) else { return false }
        let pause = try TimerDescriptor()
        for _ in 0..<100 {
            guard try handle.signal(SignalNumber.stop) else { return false }
            try Self.rest(pause)
            if Self.isWaiting(worker) {
                killed.note(server)
                return try handle.signal(SignalNumber.kill)
            }
            guard try handle.signal(SignalNumber.resume) else { return false }
            try Self.rest(pause)
        }
        return false
    }

    private static func rest(_ pause: borrowing TimerDescriptor) throws {
        try pause.set(to: MonotonicClock.now() + .milliseconds(1))
        _ = try pause.wait(for: .readable, within: .seconds(1))
        try pause.acknowledge()
    }

    /// Whether a process was stopped in epoll_wait(2), or a call like it.
    private static func isWaiting(_ process: Int32) -> Bool {
        #if arch(x86_64)
            let calls = [232, 281, 441]
        #else
            let calls = [22, 441]
        #endif
        let words = (try? ProcessView.line("syscall", of: process))?
            .split(separator: UInt8(ascii: " ")).first
        return words.flatMap { Int(String(decoding: $0, as: UTF8.self)) }.map(calls.contains)
            ?? false
    }
}
