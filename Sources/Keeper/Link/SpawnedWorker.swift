package import Kernel

/// A worker that the keeper has just started.
package struct SpawnedWorker {
    /// Whether its calls of bind(2) wait for an answer.
    package enum Interception {
        case off
        /// Through this; the keeper has it as well.
        case on(SharedDescriptor)
        /// It runs without, for want of something in the kernel or its sandbox.
        case refused(errno: Int32)
    }

    package let process: KeptProcess
    package let interception: Interception

    init(_ process: KeptProcess, _ interception: Interception) {
        self.process = process
        self.interception = interception
    }
}
