extension Notification {
    /// Reads one datagram of the notification socket; any bytes may come, from anyone.
    package init(parsing datagram: [UInt8]) throws(NotificationError) {
        guard datagram.count <= Self.longest else { throw .tooLong(bytes: datagram.count) }
        // One NUL at the end is allowed: C programs send their string's terminator.
        let text = datagram.last == 0 ? datagram.dropLast() : datagram[...]
        guard !text.contains(0) else { throw .embeddedNul }
        self.init()
        var seen: Set<String> = []
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let halves = line.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let key = String(printable: halves[0])
            guard halves.count == 2 else {
                malformed.append(NotificationField(key, ""))
                continue
            }
            let field = NotificationField(key, String(printable: halves[1]))
            guard Self.known.contains(key) else {
                unknown.append(field)
                continue
            }
            guard seen.insert(key).inserted else { continue }
            if !take(field) { malformed.append(field) }
        }
    }

    private static let known: Set<String> = [
        "READY", "RELOADING", "STOPPING", "STATUS", "EXTEND_TIMEOUT_USEC", "WATCHDOG",
        "WATCHDOG_USEC", "MAINPID", "ERRNO", "MONOTONIC_USEC", "FDSTORE", "FDSTOREREMOVE",
        "FDNAME", "FDPOLL", "BARRIER",
    ]

    /// Sets what one known line says; false when its value makes no sense.
    private mutating func take(_ field: NotificationField) -> Bool {
        let value = field.value
        switch field.key {
        case "READY": return take(value, "1", \.isReady)
        case "RELOADING": return take(value, "1", \.isReloading)
        case "STOPPING": return take(value, "1", \.isStopping)
        case "FDSTORE": return take(value, "1", \.storesDescriptors)
        case "FDSTOREREMOVE": return take(value, "1", \.removesStored)
        case "BARRIER": return take(value, "1", \.isBarrier)
        case "FDPOLL": return take(value, "0", \.keepsHungUp)
        case "EXTEND_TIMEOUT_USEC": return take(Self.microseconds(value), \.extendTimeout)
        case "WATCHDOG_USEC": return take(Self.microseconds(value), \.watchdogInterval)
        case "MONOTONIC_USEC": return take(Self.microseconds(value), \.monotonicTime)
        case "MAINPID": return take(Self.positive(value), \.mainPID)
        case "ERRNO": return take(Self.positive(value), \.errno)
        case "STATUS": return take(value, \.status)
        case "FDNAME": return take(Self.isName(value) ? value : nil, \.storedName)
        case "WATCHDOG": return take(Self.watchdogNotice(value), \.watchdog)
        default: return false
        }
    }

    private mutating func take(
        _ value: String, _ expected: String, _ flag: WritableKeyPath<Notification, Bool>
    ) -> Bool {
        self[keyPath: flag] = value == expected
        return value == expected || value == "0" || value == "1"
    }

    private mutating func take<Value>(
        _ value: Value?, _ place: WritableKeyPath<Notification, Value?>
    ) -> Bool {
        self[keyPath: place] = value
        return value != nil
    }

    private static func watchdogNotice(_ value: String) -> WatchdogNotice? {
        switch value {
        case "1": .alive
        case "trigger": .trigger
        default: nil
        }
    }

    /// Digits alone; Swift's own parser would take a sign as well.
    private static func number(_ text: String) -> UInt64? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            ? UInt64(text) : nil
    }

    /// Above Int64.max microseconds (292,000 years) is "for ever", which no one may ask for.
    private static func microseconds(_ text: String) -> Duration? {
        number(text).flatMap { Int64(exactly: $0) }.map { .microseconds($0) }
    }

    private static func positive(_ text: String) -> Int32? {
        number(text).flatMap { Int32(exactly: $0) }.flatMap { $0 > 0 ? $0 : nil }
    }

    private static func isName(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x20...0x7e).contains($0) && $0 != UInt8(ascii: ":") }
    }
}
