// relevo.h documents what is public here, and the compiler holds it to that.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

public import CRelevo
internal import CRelevoClient

@c @implementation
public func relevo_event_descriptor(_ worker: OpaquePointer?) -> Int32 {
    unsafe told(worker) { core throws(RelevoError) in core.readiness.number }
}

@c @implementation
public func relevo_next_event(
    _ worker: OpaquePointer?, _ event: UnsafeMutablePointer<relevo_event>?
) -> Int32 {
    unsafe told(worker) { core throws(RelevoError) in
        guard let event = unsafe event else { throw RelevoError(.receive, .invalid) }
        guard let next = try core.nextEvent() else { return 0 }
        unsafe event.pointee = relevo_event(next)
        return 1
    }
}

extension relevo_event {
    init(_ event: CoreEvent) {
        self.init()
        descriptor = -1
        switch event {
        case .drain(let end):
            kind = Int32(RELEVO_DRAIN)
            // 0 would be never.
            deadline = end.map { max($0, 1) } ?? 0
        case .resume: kind = Int32(RELEVO_RESUME)
        case .stop(let end):
            kind = Int32(RELEVO_STOP)
            deadline = max(end, 1)
        case .link(let offer):
            kind = Int32(RELEVO_LINK)
            descriptor = offer.descriptor
            generation = offer.generation
            worker = offer.worker
            asked = offer.isAsked ? 1 : 0
            set(text: offer.label)
        case .refused(let refusal, let reason):
            kind = Int32(RELEVO_REFUSED)
            code = refusal.code
            set(text: reason)
        case .ended: kind = Int32(RELEVO_ENDED)
        }
    }

    /// Ended by NUL, and cut where there is no room.
    private mutating func set(text bytes: [UInt8]) {
        unsafe withUnsafeMutableBytes(of: &text) { room in
            for (index, byte) in bytes.prefix(room.count - 1).enumerated() {
                unsafe room[index] = byte
            }
        }
    }
}
