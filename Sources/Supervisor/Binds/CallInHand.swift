import HandoverCore
import Kernel

/// The call of bind(2) that is being answered, kept for the next supervisor: it answers what this one did
/// not live to.
final class CallInHand {
    /// What is kept of it.
    let room: NoticeRoom

    init() throws(KernelError) { room = try NoticeRoom() }

    /// Takes over a predecessor's; nil where it is none.
    init?(adopting descriptor: consuming OwnedDescriptor) {
        guard let room = (try? NoticeRoom(adopting: descriptor)) ?? nil else { return nil }
        self.room = room
    }

    /// Takes a call of a worker that waits.
    func take(from calls: borrowing CallNotifier, of id: WorkerID) throws(KernelError)
        -> CallNotice?
    {
        try room.take(
            from: calls, as: (UInt64(id.generation.number), UInt64(id.index)))
    }

    /// The call that was taken last, answered or not; nil where there was none.
    var last: (WorkerID, CallNotice)? {
        guard let last = room.last, let generation = Int(exactly: last.owner.0), generation > 0,
            let index = Int(exactly: last.owner.1)
        else { return nil }
        return (WorkerID(GenerationID(generation), index), last.notice)
    }
}
