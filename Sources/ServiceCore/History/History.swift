package import HandoverCore

/// The owner of the history: the handovers of this service, those of its earlier lives among them.
///
/// What is under way is in the record. So is what is not known to be in the file as it is now; so that a handover
/// that has begun is told of once, whoever dies. Numbers are given out when it is known what the file has, and
/// are in the record before anything is written.
package struct History: Sendable {
    /// So many handovers are kept.
    package static let most = 100
    /// Between two tries to write what could not be written.
    static let pause = Duration.seconds(30)

    /// What a handover of this life is known by.
    private struct Own {
        var entry: HistoryEntry
        let began: Instant
        /// Counts its changes.
        var edition = 1
        /// Of it as it was written down last in the file.
        var written = 0
        /// What was counted when it was looked first.
        var base: Traffic?
    }

    /// Those of earlier lives, and those of this one that are over and in the file, the oldest first.
    private var settled: [HistoryEntry] = []
    private var own: [RequestID: Own] = [:]
    /// Whether it is known what the file has.
    package private(set) var isRead = false
    private var lastNumber = 0
    /// The editions that are being written; nil while nothing is.
    private var writing: [RequestID: Int]?
    /// Whether there is a change that no entry of this life shows.
    private var hasNews = false
    private(set) var retryAt: Instant?
    /// Whether the last try to write it has failed.
    var hasFailed = false
    /// When the first generation was begun, until it is current.
    var firstBegan: Instant?
    /// What the record must have: all that is not in the file as it is now, with its edition.
    private(set) var unsettled: [RequestID: Int] = [:]

    package init() {}

    /// All of them, the oldest first.
    package var entries: [HistoryEntry] {
        let present = own.keys.sorted(by: isOlder).compactMap { own[$0]?.entry }
        // What has no number yet is the newest.
        func place(_ entry: HistoryEntry) -> Int { entry.number > 0 ? entry.number : .max }
        return (settled + present).sorted { place($0) < place($1) }
    }

    // MARK: Beginning and changing

    func knows(_ id: RequestID) -> Bool { own[id] != nil }

    mutating func begin(_ id: RequestID, _ entry: HistoryEntry, at began: Instant) {
        var entry = entry
        if isRead {
            lastNumber += 1
            entry.number = lastNumber
        }
        own[id] = Own(entry: entry, began: began)
        unsettled[id] = 1
    }

    package subscript(id: RequestID) -> HistoryEntry? { own[id]?.entry }

    func began(_ id: RequestID) -> Instant? { own[id]?.began }

    /// Changes one; what stays as it is costs nothing.
    mutating func change(_ id: RequestID, _ body: (inout HistoryEntry) -> Void) {
        guard var entry = own[id]?.entry else { return }
        let before = entry
        body(&entry)
        guard entry != before else { return }
        own[id]?.entry = entry
        own[id]?.edition += 1
        unsettled[id] = own[id]?.edition
    }

    /// Those that are under way.
    package var open: [RequestID] { own.keys.filter { own[$0]?.entry.isOver == false } }

    /// Those of this life that a generation is part of, and that are under way; the newest first.
    func open(about generation: GenerationID) -> [RequestID] {
        open.filter { own[$0]?.entry.involves(generation) == true }
            .sorted { isOlder($1, $0) }
    }

    /// Whether one began before another. What nobody asked for has no request's number.
    func isOlder(_ one: RequestID, _ other: RequestID) -> Bool {
        guard let first = own[one]?.began, let second = own[other]?.began, first != second else {
            return one.number < other.number
        }
        return first < second
    }

    // MARK: Samples

    /// One of the two generations of a handover.
    package enum Side: String, Hashable, Codable, Sendable {
        case old
        case new
    }

    /// Whether a sample would be kept now.
    func wantsSample(_ id: RequestID, newest: Side?, at now: Instant) -> Bool {
        guard let own = own[id], !own.entry.isOver else { return false }
        guard let last = own.entry.samples.last else { return true }
        return now - own.began - last.after >= own.entry.pace || last.newest != newest
    }

    /// - Parameters:
    ///   - from: live flows of the old generation.
    ///   - to: those of the new one.
    ///   - newest: which of the two gets the newest flows; nil where neither does.
    mutating func sample(
        _ id: RequestID, _ traffic: Traffic, from: Int, to: Int, newest: Side?, at now: Instant
    ) {
        guard let began = own[id]?.began else { return }
        let base = own[id]?.base ?? traffic
        own[id]?.base = base
        // Counters begin anew where a listener is made anew.
        func since(_ now: UInt64, _ then: UInt64) -> Int {
            Int(min(now > then ? now - then : 0, 1 << 39))
        }
        change(id) {
            var sample = HistorySample(
                after: now - began, fromFlows: from, toFlows: to,
                datagrams: since(traffic.datagrams, base.datagrams),
                opened: since(traffic.opened, base.opened),
                drops: since(traffic.drops, base.drops))
            sample.newest = newest
            if let others = traffic.others, let before = base.others {
                sample.others = since(others, before)
                sample.divide(after: $0.samples.last)
            }
            $0.samples.append(sample)
            guard $0.samples.count > HistoryLimits.samples else { return }
            // The first one stays, and every second one of the rest.
            $0.pace *= 2
            $0.samples = $0.samples.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        }
    }

    // MARK: The record

    func part(_ id: RequestID) -> RecordPart.HistoryPart? {
        own[id].map { RecordPart.HistoryPart(entry: $0.entry, began: $0.began, base: $0.base) }
    }

    /// What a predecessor had not settled.
    init(resuming parts: [RequestID: RecordPart.HistoryPart]) {
        for (id, part) in parts {
            own[id] = Own(entry: part.entry, began: part.began, base: part.base)
            unsettled[id] = 1
            lastNumber = max(lastNumber, part.entry.number)
        }
    }

    // MARK: The file

    /// Whether all that is known of is in the file.
    package var isWritten: Bool {
        !hasNews && own.values.allSatisfy { $0.edition == $0.written || $0.entry.at == nil }
    }

    /// It is known what the file has, the oldest first. Of a handover that the record has as well, the record's
    /// word is newer.
    ///
    /// - Parameter isDamaged: whether the file is not as it was read.
    package mutating func read(_ found: [HistoryEntry], isDamaged: Bool) {
        guard !isRead else { return }
        isRead = true
        hasNews = isDamaged
        let present = Set(own.values.map(\.entry.number).filter { $0 > 0 })
        settled = []
        for var entry in found.sorted(by: { $0.number < $1.number })
        where entry.number > 0 && !present.contains(entry.number)
            && settled.last?.number != entry.number
        {
            if !entry.isOver {
                entry.result = .interrupted
                entry.reason = HistoryLimits.interrupted
                hasNews = true
            }
            settled.append(entry)
        }
        lastNumber = max(lastNumber, settled.last?.number ?? 0)
        for id in own.keys.sorted(by: isOlder) where own[id]?.entry.number == 0 {
            lastNumber += 1
            let number = lastNumber
            change(id) { $0.number = number }
        }
        forgetOldest()
    }

    /// Whether there is something to be written that is not being written.
    func isToBeWritten(at now: Instant) -> Bool {
        guard isRead, writing == nil, retryAt.map({ $0 <= now }) ?? true else { return false }
        // When it began, the port says at once.
        return hasNews || own.values.contains { $0.edition != $0.written && $0.entry.at != nil }
    }

    /// What is there now is being written.
    mutating func beginWriting() {
        forgetOldest()
        hasNews = false
        retryAt = nil
        writing = own.mapValues(\.edition)
    }

    /// It is in the file, and on the disk.
    mutating func written(last: RequestID?) {
        for (id, edition) in writing ?? [:] { own[id]?.written = edition }
        writing = nil
        hasFailed = false
        settle(besides: last)
    }

    mutating func notWritten(at now: Instant) {
        writing = nil
        hasFailed = true
        hasNews = true
        retryAt = now + Self.pause
    }

    /// Lets go of what is over, in the file, and will not change any more.
    ///
    /// - Parameter last: what may still be counted or measured is of the handover that ended last.
    private mutating func settle(besides last: RequestID?) {
        for id in own.keys.sorted(by: isOlder) {
            guard let one = own[id], one.entry.isOver, one.edition == one.written, id != last
            else { continue }
            own[id] = nil
            unsettled[id] = nil
            let place = settled.lastIndex { $0.number < one.entry.number }.map { $0 + 1 } ?? 0
            settled.insert(one.entry, at: place)
        }
    }

    private mutating func forgetOldest() {
        let excess = settled.count + own.count - Self.most
        if excess > 0 { settled.removeFirst(min(excess, settled.count)) }
    }
}

/// How much of one handover is kept.
enum HistoryLimits {
    static let samples = 120
    static let steps = 48
    static let checks = 32
    static let lines = 20
    /// Of a text, in bytes.
    static let text = 2_048
    /// Of a command, in bytes: a longer one cannot be started again from here.
    static let command = 32_768

    static let untold = "an older supervisor has ended it, which says nothing of it"
    static let interrupted = "supervisor and workers were gone before it had ended"

    /// A text that is no longer than what is kept.
    static func cut(_ text: String, to most: Int = text) -> String {
        guard text.utf8.count > most else { return text }
        return String(decoding: text.utf8.prefix(most - 3), as: UTF8.self) + "…"
    }
}

extension HistorySample {
    /// Tells whose the datagrams were that came since the last sample.
    fileprivate mutating func divide(after last: HistorySample?) {
        guard let others else { return }
        guard let last else {
            toDatagrams = 0
            return
        }
        guard let before = last.toDatagrams, let lastOthers = last.others,
            let newest = last.newest
        else { return }
        let all = max(0, datagrams - last.datagrams)
        let elsewhere = min(max(0, others - lastOthers), all)
        toDatagrams = before + (newest == .new ? all - elsewhere : elsewhere)
    }
}
