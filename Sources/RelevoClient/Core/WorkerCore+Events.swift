internal import CRelevoClient

extension WorkerCore {
    /// The next event, or nil if there is none now. Takes all that the channel has.
    func nextEvent() throws(RelevoError) -> CoreEvent? {
        do throws(RelevoError) {
            try payOwed()
            while channel != nil, let arrival = try receive() { handle(arrival) }
        } catch {
            guard error.reason == .ended else { throw error }
            end()
        }
        let event = queue.next()
        if queue.isEmpty { _ = relevo_sys_event_clear(raised.number) }
        return event
    }

    /// Turns what came by itself into events; what came too late for who asked is dropped.
    func handle(_ arrival: Arrival) {
        guard let message = arrival.message, arrival.id == nil, let event = event(message, arrival)
        else {
            arrival.drop()
            return
        }
        post(event)
    }

    /// nil for what is not understood, which a newer supervisor may say.
    private func event(_ message: Message, _ arrival: Arrival) -> CoreEvent? {
        if message.isVerb("LINK") { return LinkOffer(message, arrival).map { .link($0) } }
        guard arrival.descriptors.isEmpty else { return nil }
        if message.isVerb("DRAIN") { return .drain(deadline: Self.deadline(message)) }
        if message.isVerb("RESUME") { return .resume }
        if message.isVerb("STOP") {
            return .stop(deadline: Self.deadline(message) ?? relevo_sys_monotonic())
        }
        guard message.isVerb("ERROR") else { return nil }
        return .refused(
            Refusal(message.value("CODE") ?? []),
            reason: message.value("REASON") ?? [])
    }

    /// On this process's own monotonic clock. DEADLINE= knows how long the packet lay in the
    /// queue; in another time namespace it means nothing, and LEFT= is what there is.
    private static func deadline(_ message: Message) -> UInt64? {
        guard let left = message.number("LEFT") else { return nil }
        let boot = relevo_sys_boottime() / 1_000_000
        var rest = left
        if let deadline = message.number("DEADLINE"), deadline >= boot, deadline - boot <= left {
            rest = deadline - boot
        }
        let (nanoseconds, isTooLong) = rest.multipliedReportingOverflow(by: 1_000_000)
        let end = relevo_sys_monotonic().addingReportingOverflow(nanoseconds)
        return isTooLong || end.overflow ? nil : end.partialValue
    }
}

extension LinkOffer {
    /// nil unless it is whole and brings just one descriptor.
    init?(_ message: Message, _ arrival: Arrival) {
        guard arrival.descriptors.count == 1, let generation = message.number("GENERATION"),
            let worker = message.number("WORKER"), let role = message.value("ROLE")
        else { return nil }
        self.init(
            descriptor: arrival.descriptors[0], isAsked: role.equals("asked"),
            generation: generation, worker: worker,
            label: message.value("LABEL") ?? [])
    }
}
