import Kernel

/// What the keeper tells a supervisor, a packet each.
enum KeeperReport: Equatable {
    /// The channel is this supervisor's; with the keeper's number.
    case welcome(pid: Int32)
    /// It is not, and closes.
    case refused(String)
    /// A part of what `list` asked for; the descriptors of the entries come along in their order.
    case contents([KeptEntry])
    /// All of it has been told.
    case listed
    /// A worker runs; its pidfd comes along.
    case spawned(String, pid: Int32)
    case failed(String, reason: String)
    /// Told before `spawned` where interception was asked for: the descriptor comes along through which
    /// the worker's calls are answered, and is kept; or the errno why there is none.
    case intercepted(String, errno: Int32)
    /// Told to each supervisor until the worker is released.
    case exited(String, ProcessExit)
    /// The life line has hung up while a supervisor was there, and counts as never given.
    case lifeLineLost
    /// A request could not be done, or was none.
    case complaint(String)

    var bytes: [UInt8] {
        var writer = PacketFormat.begin(kind)
        switch self {
        case .welcome(let pid): writer.append(signed: pid)
        case .refused(let words), .complaint(let words): writer.append(text: words)
        case .contents(let entries):
            writer.append(number: UInt32(entries.count))
            for entry in entries { entry.write(to: &writer) }
        case .listed, .lifeLineLost: break
        case .spawned(let name, let pid):
            writer.append(text: name)
            writer.append(signed: pid)
        case .failed(let name, let reason):
            writer.append(text: name)
            writer.append(text: reason)
        case .intercepted(let name, let errno):
            writer.append(text: name)
            writer.append(signed: errno)
        case .exited(let name, let exit):
            writer.append(text: name)
            exit.write(to: &writer)
        }
        return writer.bytes
    }

    init(parsing bytes: [UInt8]) throws(PacketError) {
        var (kind, reader) = try PacketFormat.reader(of: bytes)
        switch kind {
        case 1: self = .welcome(pid: try reader.signed())
        case 2: self = .refused(try reader.text())
        case 3:
            var entries: [KeptEntry] = []
            for _ in 0..<(try reader.number()) { entries.append(try KeptEntry(from: &reader)) }
            self = .contents(entries)
        case 4: self = .listed
        case 5: self = .spawned(try reader.name(), pid: try reader.signed())
        case 6: self = .failed(try reader.name(), reason: try reader.text())
        case 7: self = .exited(try reader.name(), try ProcessExit(from: &reader))
        case 8: self = .lifeLineLost
        case 9: self = .complaint(try reader.text())
        case 10: self = .intercepted(try reader.name(), errno: try reader.signed())
        default: throw PacketError("no report has the number \(kind)")
        }
        try reader.end()
    }

    private var kind: UInt8 {
        switch self {
        case .welcome: 1
        case .refused: 2
        case .contents: 3
        case .listed: 4
        case .spawned: 5
        case .failed: 6
        case .exited: 7
        case .lifeLineLost: 8
        case .complaint: 9
        case .intercepted: 10
        }
    }
}
