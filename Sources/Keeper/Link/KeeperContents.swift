package import Kernel

/// What a keeper has, as a supervisor finds it at its start.
package final class KeeperContents {
    /// A worker that was started by an earlier supervisor.
    package struct Worker {
        package let name: String
        package let pid: Int32
        /// Its pidfd; nil when it has ended: then its exit is reported like any other.
        package let process: KeptProcess?
    }

    private final class Box {
        var descriptor: OwnedDescriptor?
        init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = consume descriptor }
    }

    private var boxes: [String: Box] = [:]
    /// In the order of their names.
    package private(set) var workers: [Worker] = []

    /// The names of the descriptors that are left, sorted.
    package var names: [String] { boxes.keys.sorted() }

    /// A descriptor that was kept; nil when there is none of this name, or it is taken.
    package func take(_ name: String) -> OwnedDescriptor? {
        boxes.removeValue(forKey: name)?.descriptor.take()
    }

    func add(_ entries: [KeptEntry], _ descriptors: inout DescriptorList) {
        for entry in entries {
            let descriptor = entry.hasDescriptor ? descriptors.takeFirst() : nil
            switch entry {
            case .descriptor(let name):
                if let descriptor { boxes[name] = Box(descriptor) }
            case .running(let name, let pid):
                guard let descriptor else { continue }
                workers.append(
                    Worker(name: name, pid: pid, process: KeptProcess(pid, descriptor)))
            case .ended(let name, let pid, _):
                workers.append(Worker(name: name, pid: pid, process: nil))
            }
        }
    }
}
