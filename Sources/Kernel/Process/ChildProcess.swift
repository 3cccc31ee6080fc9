import CKernel
import Glibc
import SystemPackage

/// A process that this one started; readable once it has ended.
///
/// Letting go of the owner neither ends nor reaps it: `takeExit()` does the latter.
package struct ChildProcess: ~Copyable, Sendable, DescriptorHolder {
    /// Its number, for logs and for what other programs are told; signals go through the pidfd.
    package let pid: Int32
    /// The pidfd.
    package let handle: ProcessHandle

    /// Starts a program that has the descriptors of the plan and no others.
    ///
    /// Returns once the program runs: what fails in the child before, exec included, is thrown.
    package static func spawn(
        _ plan: SpawnPlan, descriptors: consuming DescriptorPlan = DescriptorPlan()
    ) throws(SpawnError) -> ChildProcess {
        var interception = Interception.off
        return try spawn(plan, descriptors: descriptors, interception: &interception)
    }

    /// Likewise; tells what came of the plan's `interceptsBind`.
    package static func spawn(
        _ plan: SpawnPlan, descriptors: consuming DescriptorPlan,
        interception: inout Interception
    ) throws(SpawnError) -> ChildProcess {
        switch try attempt(plan, descriptors, &interception) {
        case .running(let child): return child
        case .failed(let failure): throw failure.error(in: plan)
        }
    }

    /// How it ended, told once; nil while it runs.
    package borrowing func takeExit() throws(KernelError) -> ProcessExit? { try handle.reap() }

    /// Waits for its end.
    package borrowing func waitForExit() throws(KernelError) -> ProcessExit {
        guard let exit = try handle.reap(waiting: true) else {
            throw KernelError("waitid", .noChildProcess)
        }
        return exit
    }

    /// Sends a signal; false when it has ended.
    @discardableResult
    package borrowing func signal(_ signal: Int32) throws(KernelError) -> Bool {
        try handle.signal(signal)
    }

    /// Sends a signal to the process group that it leads, as a child started in a group of its own
    /// does; false when the group is empty. Only before `takeExit()`: later the number may be
    /// another group's.
    @discardableResult
    package borrowing func signalGroup(_ signal: Int32) throws(KernelError) -> Bool {
        let group = pid
        do throws(KernelError) {
            try check("kill", on: "-\(group)") { kill(-group, signal) }
            return true
        } catch {
            // A group of zombies refuses with EPERM, one without members with ESRCH.
            guard error.errno == .noSuchProcess || error.errno == .notPermitted else { throw error }
            return false
        }
    }

    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try handle.withRaw(body)
    }
}

/// How a process ended.
package enum ProcessExit: Hashable, Sendable, Codable {
    case code(Int32)
    case signal(Int32, dumpedCore: Bool)
}

/// Ends this process with an exit code; what is buffered in our own types must be written before.
package func endProcess(_ code: Int32) -> Never { exit(code) }
