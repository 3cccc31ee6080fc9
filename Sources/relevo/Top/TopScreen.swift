import ControlProtocol

/// The live view as lines: what is shown of a model in so many columns and rows.
struct TopScreen {
    let model: TopModel
    let isUTF8: Bool
    /// Of the clock that the model is told.
    let now: Duration
    /// Between two looks, in words.
    let interval: String

    /// As many lines as there are rows, none wider than the columns.
    func lines(columns: Int, rows: Int) -> [ScreenLine] {
        guard rows > 0, columns > 0 else { return [] }
        var lines = [title]
        if model.showsHelp {
            lines += Self.help.map { ScreenLine($0) }
        } else if model.services.isEmpty {
            lines += [ScreenLine(), ScreenLine("no service is running here")]
        } else {
            lines += body(columns, rows - 2)
        }
        lines = Array(lines.prefix(rows - 1))
        lines += Array(repeating: ScreenLine(), count: rows - 1 - lines.count)
        lines.append(bottom)
        return lines.suffix(rows).map { $0.cut(to: columns, isUTF8: isUTF8) }
    }

    /// All there is, for who has no terminal: each service with its details.
    func plain(width: Int?) -> [String] {
        guard !model.services.isEmpty else { return [] }
        var lines = list(width, model.services, marks: false)
        for service in model.services {
            lines.append(ScreenLine())
            lines += facts(service)
            guard let status = service.status else { continue }
            lines += generations(status, width) + [ScreenLine()] + workers(service, status, width)
        }
        return lines.map { line in
            var text = line.text
            while text.last == " " { text.removeLast() }
            return text
        }
    }

    private func body(_ columns: Int, _ rows: Int) -> [ScreenLine] {
        // With many services a third of the screen is theirs, and the rest that of the chosen one.
        let room = max(min(model.services.count, max((rows - 1) / 3, 3)), 1)
        let place = model.services.firstIndex { $0.path == model.selected } ?? 0
        let start = min(max(place - room / 2, 0), max(model.services.count - room, 0))
        let shown = Array(model.services[start..<min(start + room, model.services.count)])
        var lines = list(columns, shown, marks: true)
        if shown.count < model.services.count {
            lines.append(
                ScreenLine(
                    "  \(start + 1) to \(start + shown.count) of \(model.services.count) services"))
        }
        guard let chosen = model.chosen else { return lines }
        lines.append(ScreenLine())
        return lines + details(chosen, columns, rows - lines.count)
    }

    private func details(_ service: TopService, _ columns: Int, _ rows: Int) -> [ScreenLine] {
        var lines = facts(service)
        guard let status = service.status else { return lines }
        lines += generations(status, columns)
        let count = status.liveGenerations.reduce(0) { $0 + $1.workers.count }
        // What has much room is taken apart by empty lines.
        let gap = rows - lines.count - count >= 20 ? [ScreenLine()] : []
        // Two parts of one to ten rows each under a title, after four workers under their header.
        let left = rows - lines.count - 1 - min(count + 1, 6) - 2 * gap.count
        let height = min(left / 2, 10)
        if height > 0 {
            let plot = TopPlot(service.samples, width: columns, isUTF8: isUTF8)
            let shown = plot.lines(height: height)
            if !shown.isEmpty {
                lines += gap
                lines.append(
                    ScreenLine(
                        "sessions, a column every \(interval), \(TopText.count(plot.most)) at the top",
                        .bold))
                lines += shown
            }
        }
        // Their header and, where not all are shown, how many more there are.
        let room = max(rows - lines.count - gap.count - 1, 0)
        let shown = count > room ? max(room - 1, 0) : count
        lines += gap + workers(service, status, columns, most: shown)
        if shown < count { lines.append(ScreenLine("  and \(count - shown) more workers")) }
        return lines
    }

    // MARK: Parts

    private var title: ScreenLine {
        let count = model.services.count
        var line = ScreenLine("relevo top", .bold)
        line.add("  \(count) service\(count == 1 ? "" : "s"), by \(model.order.rawValue)")
        for health in [ServiceHealth.degraded, .down] {
            let some = model.services.count { service in
                service.trouble == nil && service.status.map { ServiceHealth($0) } == health
            }
            if some > 0 { line.add(", \(some) \(health.name)", health.style) }
        }
        let silent = model.services.count { $0.trouble != nil }
        if silent > 0 { line.add(", \(silent) without an answer", .red) }
        return line
    }

    private var bottom: ScreenLine {
        if let question = model.question {
            return ScreenLine(
                "\(question.act.word) \(clean(question.name)): \(question.words)? [y/N]", .yellow)
        }
        if let notice = model.notice(at: now) { return ScreenLine(clean(notice), .bold) }
        if let underWay = model.underWay { return ScreenLine("\(clean(underWay)) …", .bold) }
        return ScreenLine("q quit  ? help  s sort  up/down select  p promote  h hold  a abort")
    }

    static let help = [
        "",
        "up, down, k, j    selects a service; page up, page down, home, end too",
        "s, S              sorts by the next figure, or the one before",
        "p                 promote: the next step of the canary, or the end of the watch",
        "P                 promote --full: all new flows go to the new generation",
        "h                 hold: the canary stays in its step",
        "a                 abort: the former generation gets all new flows again",
        "                  each asks first: y does it, any other key does not",
        "?                 this text",
        "q, Ctrl-C         ends; Ctrl-Z suspends",
        "",
        "DGRAM/S, FLOWS/S, DROP/S  what passed between the last two looks, a second",
        "NEW, OLD          sessions of the canary, or else of the current generation;",
        "                  of all other generations",
        "CPU, MEM          of one processor, and resident: all workers' processes",
        "END               in how long a drain is likely to end by itself, or a watch is over",
    ]

    private static let columns: [TopGrid.Column] = [
        .init(header: "NAME", side: .left, keeps: 12),
        .init(header: "HEALTH", side: .left, rank: 2, least: 8),
        .init(header: "GEN", side: .right, rank: 4),
        .init(header: "PHASE", side: .left, least: 10),
        .init(header: "END", side: .right, rank: 3, least: 6),
        .init(header: "NEW", side: .right, least: 4), .init(header: "OLD", side: .right, least: 4),
        .init(header: "DGRAM/S", side: .right), .init(header: "FLOWS/S", side: .right, rank: 6),
        .init(header: "DROPS", side: .right, rank: 1),
        .init(header: "DROP/S", side: .right, rank: 7),
        .init(header: "CPU", side: .right, rank: 5, least: 4),
        .init(header: "MEM", side: .right, rank: 8, least: 4),
    ]

    private func list(_ width: Int?, _ services: [TopService], marks: Bool) -> [ScreenLine] {
        var grid = TopGrid(Self.columns)
        for service in services {
            let status = service.status
            let health = service.trouble == nil ? status.map { ServiceHealth($0) } : nil
            let drops = status?.drops
            grid.add(
                [
                    .init(clean(service.name)), .init(health?.name ?? "-", health?.style),
                    .init(status?.current.map { "\($0)" } ?? "-"), .init(phase(service)),
                    .init(status.flatMap(likelyEnd) ?? "-"),
                    .init(status.map { TopText.count($0.newSessions) } ?? "-"),
                    .init(status.map { TopText.count($0.oldSessions) } ?? "-"),
                    .init(TopText.rate(service.rates?.datagrams)),
                    .init(TopText.rate(service.rates?.newFlows)),
                    .init(drops.map(TopText.count) ?? "-", drops ?? 0 > 0 ? .red : nil),
                    .init(
                        TopText.rate(service.rates?.drops),
                        service.rates?.drops ?? 0 > 0 ? .red : nil),
                    .init(TopText.share(service.share)),
                    .init(TopText.bytes(service.residentBytes)),
                ], isMarked: marks && service.path == model.selected)
        }
        return grid.lines(width: width, marks: marks, isUTF8: isUTF8)
    }

    private func phase(_ service: TopService) -> String {
        if let trouble = service.trouble { return trouble.reason.rawValue }
        if let canary = service.status?.canary?.canary {
            return "canary \(canary.shortClients)"
        }
        if let watch = service.status?.watched?.watch {
            return watch.failure == nil ? "watch" : "going back"
        }
        if let handover = service.status?.handover {
            return handover.isDryRun == true ? "dry run" : clean("\(handover.phase)")
        }
        return service.status?.drains.isEmpty == false ? "drain" : "-"
    }

    private func likelyEnd(_ status: ServiceStatus) -> String? {
        if let watch = status.watched?.watch { return TimeText.coarse(watch.secondsLeft) }
        let ends = status.drains.map(\.drainSecondsLikely)
        guard !ends.isEmpty, !ends.contains(nil) else { return nil }
        return ends.compactMap(\.self).max().map { TimeText.coarse($0) }
    }

    /// What goes on, in lines.
    private func facts(_ service: TopService) -> [ScreenLine] {
        var first = ScreenLine(clean(service.name), .bold)
        guard let status = service.status else {
            first.add(": \(clean(service.trouble?.words ?? ""))", .red)
            return [first]
        }
        if let trouble = service.trouble {
            first.add(": \(clean(trouble.words)); what it told before:", .red)
            return [first]
        }
        first.add(": \(clean(status.summary))", ServiceHealth(status).style)
        if let handover = status.handover {
            first.add(
                "; \(StatusText.name(handover)), \(clean("\(handover.phase)")) since "
                    + TimeText.short(handover.seconds))
        }
        return [first]
    }

    private func generations(_ status: ServiceStatus, _ width: Int?) -> [ScreenLine] {
        var grid = TopGrid([
            .init(header: "GEN", side: .right), .init(header: "STATE", side: .left),
            .init(header: "SESSIONS", side: .right), .init(header: "READY", side: .right, rank: 1),
            .init(header: "WHAT COMES", side: .left, keeps: 48),
        ])
        for generation in status.liveGenerations {
            grid.add([
                .init("\(generation.id)"), .init(clean("\(generation.state)"), style(generation)),
                .init(TopText.count(generation.sessions)),
                .init("\(generation.readyWorkers)/\(generation.workers.count)"),
                .init(whatComes(generation, status)),
            ])
        }
        return grid.lines(width: width, isUTF8: isUTF8)
    }

    private func style(_ generation: GenerationStatus) -> Style? {
        switch generation.state {
        case .current: .green
        case .failed: .red
        case .stopped: nil
        default: .yellow
        }
    }

    private func whatComes(_ generation: GenerationStatus, _ status: ServiceStatus) -> String {
        if let canary = generation.canary {
            let next = canary.secondsLeft.map { "next in \(TimeText.short($0))" }
            let rest = canary.isChecked == true ? "its check runs" : "until promote or abort"
            return "\(canary.clients), step \(canary.step)/"
                + "\(canary.steps), \(next ?? rest)"
        }
        if let watch = generation.watch { return StatusText.watch(watch) }
        if status.isKept(generation) { return "kept until the watch is over" }
        if status.handover?.isDryRun == true, status.handover?.to == generation.id {
            return "a dry run: it gets no flow"
        }
        guard generation.state == .draining else { return "" }
        let most = generation.drainSecondsLeft.map { ", at most \(TimeText.short($0))" } ?? ""
        return OperationText.likelyEnd(generation.drainSecondsLikely) + most
    }

    /// - Parameter most: where there are more, those of which there is most to see.
    private func workers(
        _ service: TopService, _ status: ServiceStatus, _ width: Int?, most: Int = .max
    ) -> [ScreenLine] {
        let all = status.liveGenerations.flatMap { generation in
            generation.workers.map { (generation: generation, worker: $0) }
        }
        guard !all.isEmpty else { return [] }
        func matters(_ place: Int) -> (Int, Int, Double) {
            let (generation, worker) = all[place]
            return (
                worker.state == .ready ? 0 : 1, worker.restarts,
                service.share(of: worker, generation) ?? 0
            )
        }
        let places =
            all.count > most
            ? all.indices.sorted { matters($0) > matters($1) }.prefix(max(most, 0)).sorted()
            : Array(all.indices)
        var grid = TopGrid([
            .init(header: "WORKER", side: .right), .init(header: "PID", side: .right, rank: 2),
            .init(header: "STATE", side: .left), .init(header: "CPU", side: .right),
            .init(header: "MEM", side: .right),
            .init(header: "RESTARTS", side: .right, rank: 1),
            .init(header: "SESSIONS", side: .right, rank: 3),
            .init(header: "MESSAGE", side: .left, keeps: 20),
        ])
        for (generation, worker) in places.map({ all[$0] }) {
            grid.add([
                .init("\(generation.id).\(worker.index)"),
                .init(worker.pid.map { "\($0)" } ?? "-"),
                .init(clean("\(worker.state)"), worker.state == .ready ? nil : .yellow),
                .init(TopText.share(service.share(of: worker, generation))),
                .init(TopText.bytes(worker.residentBytes)),
                .init("\(worker.restarts)", worker.restarts > 0 ? .yellow : nil),
                .init(worker.sessions.map(TopText.count) ?? "-"),
                .init(clean(worker.message ?? "")),
            ])
        }
        return grid.lines(width: width, isUTF8: isUTF8)
    }

    private func clean(_ text: String) -> String { ScreenText.clean(text, isUTF8: isUTF8) }
}
