import ControlProtocol

/// Who has sessions, for people.
enum FlowsText {
    static func lines(_ reply: FlowsReply, styled: Bool, width: Int?) -> [String] {
        var table = Table(
            ("PEER", .left), ("WORKER", .right), ("KIND", .left), ("SEEN", .right),
            ("AGE", .right), ("ID", .left), ("LISTENER", .left))
        table.dispensable = ["ID"]
        table.lesser = ["LISTENER", "KIND"]
        for row in reply.flows {
            table.add(
                StatusText.printable(row.peer ?? row.local), place(row), row.kind.rawValue,
                row.seenSecondsAgo.map { TimeText.short($0) } ?? "-",
                row.ageSeconds.map { "> \(TimeText.short($0))" } ?? "-",
                StatusText.printable(row.id ?? ""), StatusText.printable(row.listener ?? row.local))
        }
        let rows = table.isEmpty ? [] : table.lines(styled: styled, width: width)
        return rows + summary(reply)
    }

    private static func place(_ row: FlowRow) -> String {
        guard let generation = row.generation else { return "-" }
        return row.worker.map { "\(generation).\($0)" } ?? "\(generation)"
    }

    private static func summary(_ reply: FlowsReply) -> [String] {
        let shown = reply.flows.filter { $0.kind == .flow }.count
        var text =
            "\(reply.live) flows, \(reply.seen) of them seen in \(TimeText.short(reply.seconds)), \(shown) shown"
        if reply.unconfirmed > 0 { text += "; \(reply.unconfirmed) more of a single datagram" }
        if reply.outside > 0 { text += "; \(reply.outside) sessions besides the flows" }
        var lines = [text]
        if reply.seen < reply.live {
            let advice =
                reply.seconds < reply.interval
                ? "each that sends is seen within \(TimeText.short(reply.interval)): --look"
                : "the others have sent nothing meanwhile: --look for longer"
            lines.append(advice)
        }
        if reply.untold > 0 {
            lines.append("\(reply.untold) times there was no room to tell of a peer")
        }
        return lines + (reply.remarks ?? []).map(StatusText.printable)
    }

    /// What became of one flow.
    static func line(_ change: FlowChangeReply.Change) -> String {
        let flow =
            "\(StatusText.printable(change.peer)) at \(StatusText.printable(change.listener))"
        let before = change.generation.map { " of generation \($0)" } ?? ""
        guard let place = change.to else { return "\(flow)\(before): ended" }
        let now = place.generation.map { "generation \($0)" } ?? "slot \(place.slot)"
        if place.generation == change.generation, place.worker == change.worker {
            return "\(flow): \(now) has it already"
        }
        return "\(flow)\(before): moved to \(now)"
    }
}
