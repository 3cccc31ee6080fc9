import Keeper
import Kernel
import Logging
import Settings
import Supervisor
import Systemd

// One that comes before it is waited for must not end this process, but be heard later.
try? holdSignal(SignalNumber.hangUp)
OwnLimits.raise()
// Files are read and written by threads, one after the other.
shareOneHeap()
// Before anything else is touched: this process is to stay small.
if ProgramArguments.all.first == "keeper" {
    endProcess(KeeperProcess.run(Array(ProgramArguments.all.dropFirst())))
}

/// Says in one line why it ends, and ends.
func fail(_ reason: String, _ code: Int32) -> Never {
    OutputSink.standardError.write(OutputEntry(fatal: reason))
    OutputSink.standardError.flush()
    sayStatus(reason)
    endProcess(code)
}

let arguments = ProgramArguments.all[...]
if arguments == ["--help"] || arguments == ["-h"] {
    OutputSink.standardOutput.write(line: Array(Invocation.usage.utf8))
    endProcess(0)
}
if arguments.count == 2, arguments.first == "--reads", let format = arguments.last {
    endProcess(Start.reads(recordFormat: format) ? 0 : 1)
}
guard let invocation = Invocation(arguments) else {
    fail("usage: relevod --settings FILE|DESCRIPTOR (relevo run starts it)", 64)
}

let place = invocation.place

let levelName = Environment.value(of: "RELEVO_LOG_LEVEL") ?? "info"
guard let level = Logger.Level(rawValue: levelName) else {
    fail("RELEVO_LOG_LEVEL=\(levelName) is not a level: trace, debug, info, notice, warning", 64)
}

do {
    let inherited = InheritedDescriptors.take(except: Set([Int32(place)].compactMap { $0 }))
    let record = place.hasPrefix("record:") ? Int32(place.dropFirst("record:".count)) : nil
    let path = (record ?? Int32(place)).map { "/proc/self/fd/\($0)" } ?? place
    var bytes = try readFile(path)
    // Of no use from here on, and every later program in this process would have it as well. A record is
    // among what was inherited.
    if let number = Int32(place) { _ = adoptInherited(number) }
    if record != nil { bytes = try Start.settings(inRecord: bytes) }
    let source = SettingsSource(file: place, bytes: bytes)
    let settings = try ServiceSettings.parse(
        [source], inheritsSockets: !inherited.isEmpty)
    for output in [OutputSink.standardOutput, .standardError] { output.use(settings.logFormat) }
    let log = Logger(label: settings.name) { label in
        StandardErrorLog(
            service: label, level: level, withPriority: StandardStream.error.isJournal)
    }
    var start = Start(settings, inherited, log)
    start.origin = invocation.origin
    start.resumes = invocation.resumes
    start.process = invocation.adopted
    switch try start.run()
    {
    case .stopped, .left: endProcess(0)
    case .failed(let reason): fail(reason, 1)
    case .shown(let found): fail(found, 64)
    }
} catch let error as SettingsErrors {
    for error in error.errors.dropLast() {
        OutputSink.standardError.write(line: Array("relevo: \(error)".utf8))
    }
    fail("\(error.errors.last.map { "\($0)" } ?? "no settings")", 78)
} catch let error as SupervisorError {
    fail(error.description, error.isBadSetting ? 78 : error.isPermission ? 77 : 1)
} catch {
    fail("\(error)", 1)
}
