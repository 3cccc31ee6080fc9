import Packs
import Settings
import TestSeeds
import Testing

struct RoundTripTests {
    @Test(arguments: 0..<500)
    func renderedSettingsAreReadBackEqual(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let settings = random.settings()
        let text = settings.render()
        let again = try ServiceSettings.parse(text, file: "rendered", inheritsSockets: true)
        #expect(again == settings, "\(text)")
    }

    /// What a rollback has say again.
    @Test(arguments: 0..<200)
    func whatIsNotableIsReadBackBesideTheRest(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let (then, now) = (random.settings(), random.settings())
        let again = ServiceSettings(notable: then.notable, rest: now)
        func told(_ settings: ServiceSettings) -> [String] {
            settings.notable.filter { !$0.hasPrefix("Environment=") }
        }
        #expect(told(again) == told(then))
        #expect(again.environment == now.environment && again.command == now.command)
        #expect(again.workers == now.workers && again.listeners == now.listeners)
    }
}

extension SeededGenerator {
    fileprivate mutating func settings() -> ServiceSettings {
        var settings = ServiceSettings()
        settings.name = "n" + String(Int.random(in: 0..<1000, using: &self))
        settings.command = words(1...4)
        if settings.command[0].isEmpty { settings.command[0] = "x" }
        settings.socketsPerWorker = .random(in: 1...256, using: &self)
        settings.ready = pick([.auto, .notify, .alive(duration()), .exec(words(1...3))])
        settings.readyTimeout = duration()
        settings.overlap = .random(using: &self)
        let slots = settings.overlap ? SlotLimits.mostSlots / 2 : SlotLimits.mostSlots
        settings.workers = .random(in: 1...slots / settings.socketsPerWorker, using: &self)
        settings.drainTimeout = pick([.infinity, .after(.zero), .after(duration())])
        settings.drainWaitsFor = pick([Set(DrainKind.allCases), [.flows], [.reported, .ports]])
        settings.linger = pick([.zero, duration()])
        settings.stopSignal = signal()
        settings.stopTimeout = pick([.zero, duration()])
        settings.drainSignal = pick([nil, signal()])
        settings.user = pick([nil, "nobody", "1000"])
        settings.group = pick([nil, "nogroup"])
        settings.controlGroup = pick([nil, "adm"])
        settings.controlGroupMay = pick(ControlRight.allCases)
        settings.environmentStyles = pick([[], [.nginx], [.serverStarter, .nginx]])
        settings.nonBlocking = .random(using: &self)
        settings.watchdog = pick([nil, duration()])
        for (index, word) in words(0...3).enumerated() {
            let path = word.replacing("/", with: "")
            if path != "." && path != ".." { settings.privatePaths.append("/\(index)/x\(path)") }
        }
        settings.logFormat = pick(LogFormat.allCases)
        for _ in 0..<Int.random(in: 0...3, using: &self) {
            let hook = Hook(pick(Hook.Occasion.allCases), ["/bin/x"] + words(0...2))
            if !settings.hooks.contains(hook) { settings.hooks.append(hook) }
        }
        settings.workingDirectory = pick([nil, "/", "/a b/ü\"'"])
        for (index, word) in words(0...3).enumerated() { settings.environment["K\(index)"] = word }
        for port in 1...UInt16.random(in: 1...4, using: &self) {
            settings.listeners.append(listener(port: port))
        }
        return settings
    }

    private mutating func listener(port: UInt16) -> ListenerSettings {
        let host = pick(
            [
                .any, .ipv4(.random(in: 0 ... .max, using: &self)),
                .ipv6(
                    (0..<8).map { _ in pick([0, 0, .random(in: 0 ... .max, using: &self)]) },
                    zone: ""),
                .ipv6([0xfe80, 0, 0, 0, 0, 0, 0, 1], zone: "eth0"),
            ] as [InternetHost])
        var listener = ListenerSettings(
            address: ListenAddress(pick([.udp, .tcp]), host, port: port))
        listener.name = pick([nil, "listener-\(port)"])
        listener.steering = pick(
            listener.address.transport == .udp
                ? SteeringChoice.allCases.filter { $0 != .pack("dtls-cid") }
                : [.auto, .stateless])
        if listener.steering == .custom {
            listener.sessionOrder = pick(Pack.Order.allCases)
            listener.sessionPrefix = pick([nil, .random(in: 1...Pack.longestID, using: &self)])
            listener.sessionRules = (0...Int.random(in: 0..<Pack.mostRules, using: &self)).map {
                rule(withID: $0 == 0)
            }
        }
        listener.idleTimeout = duration()
        listener.serverIDLength = listener.steering == .quic ? pick([nil, 4]) : nil
        listener.balance = listener.steering == .stateless ? .hash : pick([.hash, .load])
        listener.unknownIDs = pick(UnknownIDsChoice.allCases)
        listener.sharesResetKey =
            listener.unknownIDs != .copy && .random(using: &self)
        listener.maxFlows = .random(in: 1...(1 << 26), using: &self)
        listener.receiveBuffer = .random(in: 1...(1 << 30), using: &self)
        listener.backlog = .random(in: 1...65535, using: &self)
        return listener
    }

    private mutating func rule(withID hasID: Bool) -> PackRule {
        let offset = Int.random(in: 0..<Pack.window, using: &self)
        let mask = UInt8.random(in: 0...255, using: &self)
        let length = pick(
            [
                .byte(at: .random(in: 0..<Pack.window, using: &self)),
                .bytes(.random(in: 1...min(Pack.longestID, Pack.window - offset), using: &self)),
            ] as [PackRule.Length])
        return PackRule(
            role: hasID ? pick([.continues, .either]) : .opens,
            size: .random(in: 0...1500, using: &self),
            conditions: [
                PackRule.Condition(
                    offset: .random(in: 0..<Pack.window, using: &self), value: [mask & 0x5a],
                    mask: [mask])
            ], id: hasID ? PackRule.ID(offset: offset, length: length) : nil)
    }

    private mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: values.indices, using: &self)]
    }

    private mutating func duration() -> Duration {
        .nanoseconds(
            pick([
                .random(in: 1...2_000_000_000, using: &self),
                Int64.random(in: 1...86_400, using: &self) * 1_000_000_000,
                .random(in: 1...(.max), using: &self),
            ]))
    }

    private mutating func signal() -> SignalName {
        let numbers = Array(1...31) + Array(34...64)
        return (try? SignalName.parse("\(pick(numbers))")) ?? .term
    }

    private mutating func words(_ count: ClosedRange<Int>) -> [String] {
        let letters = Array("ab \"'\\\t\n\r#;=[]{}$%é\u{1f600}\u{1}\u{7f}/-.")
        return (0..<Int.random(in: count, using: &self)).map { _ in
            String((0..<Int.random(in: 0...6, using: &self)).map { _ in pick(letters) })
        }
    }
}
