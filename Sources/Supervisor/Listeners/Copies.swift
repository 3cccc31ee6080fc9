import Kernel
import Settings
import Steering

/// Has datagrams that nobody is known to own copied at the listeners whose settings say so.
final class Copies {
    private let loop: EventLoop
    /// One for all listeners, from the first one on that needs it.
    private var sender: CopySender?

    init(in loop: EventLoop) { self.loop = loop }

    /// Begins at one listener, unless it has begun there; without copies it goes on by guessing.
    func begin(at listener: Listener, _ warned: (String) -> Void) {
        guard listener.steering.copies, listener.copier == nil, !listener.slots.isEmpty else {
            return
        }
        do {
            if sender == nil { sender = try CopySender() }
            if let sender { try listener.beginCopies(sender, in: loop) }
        } catch {
            listener.endCopies()
            warned(
                """
                \(listener.settings.address): nothing is copied, UnknownIds=copy goes on as guess: \(error)
                """)
        }
    }
}
