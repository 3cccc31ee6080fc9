internal import CRelevoClient

/// Events that came while an answer was waited for; as many as fit, then the supervisor is not
/// believed to mean well any more and links are closed.
struct EventQueue: ~Copyable {
    /// Four times the links that a supervisor makes for a worker at once would be 256.
    static let most = 256

    private var events: [CoreEvent] = []

    var isEmpty: Bool { events.isEmpty }

    mutating func append(_ event: CoreEvent) {
        if event.isPhase { events.removeAll { $0.isPhase } }
        switch event {
        case .stop: events.removeAll { if case .stop = $0 { true } else { false } }
        case .link(let offer) where events.count >= Self.most:
            relevo_sys_close(offer.descriptor)
            return
        case .refused where events.count >= Self.most: return
        case .drain, .resume, .link, .refused, .ended: break
        }
        events.append(event)
    }

    mutating func next() -> CoreEvent? { events.isEmpty ? nil : events.removeFirst() }

    deinit {
        for case .link(let offer) in events { relevo_sys_close(offer.descriptor) }
    }
}
