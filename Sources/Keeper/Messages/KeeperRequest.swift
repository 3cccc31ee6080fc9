/// What a supervisor asks of the keeper, a packet each.
enum KeeperRequest: Equatable {
    /// First of all, and whenever the rule changes.
    case stopRule(StopRule)
    /// Holds the descriptor that comes along under this name, instead of what had it.
    case keep(String)
    case forget(String)
    /// Everything kept and every worker is reported, then `listed`.
    case list
    /// Starts a worker. The plan comes along in a memory file, and after it as many descriptors as
    /// the plan has targets; those that one packet cannot carry follow with `more`.
    case spawn(String)
    case more
    /// The end of this worker is known and need not be remembered.
    case release(String)
    /// Its other end outlives the supervisor; when it hangs up the service has ended.
    case lifeLine
    /// The service has ended: nothing is to be left.
    case end

    var bytes: [UInt8] {
        var writer = PacketFormat.begin(kind)
        switch self {
        case .stopRule(let rule):
            writer.append(signed: rule.signal)
            writer.append(number: UInt32(clamping: rule.timeout.milliseconds))
        case .keep(let name), .forget(let name), .spawn(let name), .release(let name):
            writer.append(text: name)
        case .list, .more, .lifeLine, .end: break
        }
        return writer.bytes
    }

    init(parsing bytes: [UInt8]) throws(PacketError) {
        var (kind, reader) = try PacketFormat.reader(of: bytes)
        switch kind {
        case 1:
            let signal = try reader.signed()
            guard (1...64).contains(signal) else { throw PacketError("no signal has that number") }
            self = .stopRule(
                StopRule(signal: signal, timeout: .milliseconds(Int64(try reader.number()))))
        case 2: self = .keep(try reader.name())
        case 3: self = .forget(try reader.name())
        case 4: self = .list
        case 5: self = .spawn(try reader.name())
        case 6: self = .more
        case 7: self = .release(try reader.name())
        case 8: self = .lifeLine
        case 9: self = .end
        default: throw PacketError("no request has the number \(kind)")
        }
        try reader.end()
    }

    private var kind: UInt8 {
        switch self {
        case .stopRule: 1
        case .keep: 2
        case .forget: 3
        case .list: 4
        case .spawn: 5
        case .more: 6
        case .release: 7
        case .lifeLine: 8
        case .end: 9
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded up; no less than zero.
    fileprivate var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, seconds < Int64(UInt32.max) else { return seconds < 0 ? 0 : .max }
        return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
