internal import CRelevoClient

/// Events that came while an answer was waited for; as many as fit, then the supervisor is not
/// believed to mean well any more and links are closed.
struct EventQueue: ~Copyable {
    /// Four times the links that a supervisor makes for a worker at once.
    static let most = 256

    private var events: [CoreEvent] = []

    var isEmpty: Bool { events.isEmpty }

    mutating func append(_ event: CoreEvent) {
        // Of those that tell where the worker stands only the last one counts.
        if event.isStand {
            var index = 0
            while index < events.count {
                if events[index].isStand { events.remove(at: index) } else { index += 1 }
            }
        } else if events.count >= Self.most {
            if case .link(let offer) = event { relevo_sys_close(offer.descriptor) }
            return
        }
        events.append(event)
    }

    mutating func next() -> CoreEvent? { events.isEmpty ? nil : events.removeFirst() }

    deinit {
        for case .link(let offer) in events { relevo_sys_close(offer.descriptor) }
    }
}
