import HandoverCore
import Kernel
import ServiceCore

/// What a supervisor finds in the places where its predecessor kept descriptors.
///
/// They come in any order, some twice and some not at all: the first of a name counts, and all that
/// nobody takes are closed.
final class KeptDescriptors {
    private final class Kept {
        var descriptor: OwnedDescriptor?

        init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = consume descriptor }
    }

    private var kept: [KeptName: Kept] = [:]

    /// Adds one; what has a name that this version does not know is closed.
    func add(_ descriptor: consuming OwnedDescriptor, named text: String) {
        guard let name = KeptName(text) else { return }
        if kept[name] == nil { kept[name] = Kept(descriptor) }
    }

    func take(_ name: KeptName) -> OwnedDescriptor? {
        kept.removeValue(forKey: name)?.descriptor.take()
    }

    /// What is left, for whoever keeps it to forget.
    var names: [KeptName] { Array(kept.keys) }

    /// The workers whose processes are there.
    var workers: [WorkerID] {
        kept.keys.compactMap { name in
            switch name {
            case .worker(let id, .process): id
            case .worker, .slot, .state, .callInHand, .stored, .steering, .program: nil
            }
        }
    }

    /// The programs whose executables are there.
    var programs: [GenerationID] {
        kept.keys.compactMap { name in
            switch name {
            case .program(let number): number
            case .worker, .slot, .state, .callInHand, .stored, .steering: nil
            }
        }
    }

    /// The numbers of a listener's slots whose sockets are there, ascending.
    func slots(of listener: Int) -> [Int] {
        kept.keys.compactMap { name in
            switch name {
            case .slot(let slot) where slot.listener == listener: slot.number
            case .slot, .state, .callInHand, .stored, .steering, .worker, .program: nil
            }
        }.sorted()
    }
}
