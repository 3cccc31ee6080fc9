import Kernel

@testable import ChannelProtocol
@testable import ControlProtocol
@testable import Keeper
@testable import Settings

/// What takes bytes from outside: whatever they are, it answers or refuses, and never traps.
enum Decoder: String, CaseIterable {
    case settings
    case unit
    case notification
    case channel
    case welcome
    case identity
    case control
    case keeper
    case record
    case log
    case value
    case history

    /// The one that this process is about; set once, before the fuzzer begins.
    nonisolated(unsafe) static var current = Decoder.settings

    /// Decodes one input; what is read must be writable, and be read again as the same.
    func take(_ bytes: [UInt8]) {
        switch self {
        case .settings:
            guard
                let settings = try? ServiceSettings.parse(
                    [SettingsSource(file: "fuzz", bytes: bytes)], inheritsSockets: true)
            else { return }
            let again = try? ServiceSettings.parse(
                settings.render(), file: "again", inheritsSockets: true)
            precondition(again == settings, "settings are not read as they were written")
        case .unit: Self.takeUnit(bytes)
        case .notification: _ = try? Notification(parsing: bytes)
        case .channel: _ = try? WorkerRequest(parsing: bytes)
        case .welcome: Self.takeWelcome(bytes)
        case .identity: Self.takeIdentity(bytes)
        case .control:
            var splitter = FrameSplitter()
            splitter.append(bytes)
            while let frame = try? splitter.next() {
                guard let call = try? ControlCall.decode(frame) else { continue }
                _ = call.frame()
            }
        case .keeper:
            if let request = try? KeeperRequest(parsing: bytes) { _ = request.bytes }
            if let report = try? KeeperReport(parsing: bytes) { _ = report.bytes }
            if let plan = try? CarriedPlan(parsing: bytes) {
                precondition(
                    (try? CarriedPlan(parsing: plan.bytes))?.bytes == plan.bytes,
                    "a plan is not read as it was written")
            }
        case .record:
            Self.takeState(bytes)
        case .log: Self.takeLog(bytes)
        case .value: Self.takeValue(bytes)
        case .history: Self.takeHistory(bytes)
        }
    }

    /// A unit's command that is written again is read as the same.
    private static func takeUnit(_ bytes: [UInt8]) {
        _ = try? KnownServer.read(bytes)
        for text in UnitFile(reading: [bytes]).values(of: "ExecStart") {
            guard let command = try? UnitCommand(parsing: text) else { continue }
            var written = command
            // The other name that a program with @ is called by is left out.
            written.prefix = command.passedPrefix
            precondition(
                (try? UnitCommand(parsing: written.text)) == written,
                "a command is not read as it was written")
            _ = KnownServer.of(command.words)?.inForeground(command.words)
        }
    }
}
