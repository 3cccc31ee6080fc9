import Kernel
import Logging
import Record
import ServiceCore
import Settings

/// Replaces this program by the one that is installed now, in this process.
final class Reexec {
    /// How long the new program may take to say that it can take over.
    private static let answerTimeout = Duration.seconds(5)

    private let executable: String
    private let origin: SettingsOrigin?
    private let loop: EventLoop
    private let log: Logger
    private var question: ProgramQuestion?
    private var refused: [(String) -> Void] = []
    private var leaving: [() -> Void] = []
    /// Whether the program that is there has said that it can, and what it will need is on its way.
    private var isSettling = false
    /// Calls back once all that must outlive this program is kept.
    var whenSettled: (@escaping () -> Void) -> Void = { $0() }
    /// Done before this program is no more.
    var finish: () -> Void = {}
    /// The settings that the next program is given.
    var settings: () -> ServiceSettings = { ServiceSettings() }

    init(
        _ executable: String, _ origin: SettingsOrigin?, in loop: EventLoop, _ log: Logger
    ) {
        self.executable = executable
        self.origin = origin
        self.loop = loop
        self.log = log
    }

    /// The child that is being asked, whose end is waited for.
    var child: Int32? { question?.pid }

    /// Asks the new program whether it can take over; meanwhile all goes on.
    ///
    /// - Parameters:
    ///   - refused: why there is none.
    ///   - leaving: nothing can be said after.
    func begin(refused: @escaping (String) -> Void, leaving: @escaping () -> Void) {
        self.refused.append(refused)
        self.leaving.append(leaving)
        guard question == nil, !isSettling else { return }
        var plan = SpawnPlan(
            executable: executable,
            arguments: [executable, "--reads", "\(RecordFormat.versions.readableFrom)"],
            environment: Environment.strings())
        plan.session = .newGroup
        do {
            question = try ProgramQuestion(plan, within: Self.answerTimeout, in: loop) {
                [unowned self] answer in
                question = nil
                switch answer {
                case .code(0):
                    isSettling = true
                    whenSettled { [unowned self] in
                        isSettling = false
                        goOn()
                    }
                case nil: refuse("\(executable) does not say whether it can take over")
                case .some:
                    refuse(
                        "\(executable) cannot take over what this one writes (format "
                            + "\(RecordFormat.versions.format)); stop and start, or install a later one"
                    )
                }
            }
        } catch {
            refuse("\(error)")
        }
    }

    private func refuse(_ reason: String) {
        let told = refused
        refused = []
        leaving = []
        for tell in told { tell(reason) }
    }

    /// Goes on as the program that has said that it can.
    private func goOn() {
        var leftOver: Int32?
        do {
            let file = try MemoryFile(named: "relevo-settings")
            try file.replaceContents(with: Array(settings().render().utf8))
            log.notice("\(executable) takes over in this process")
            finish()
            for tell in leaving { tell() }
            OutputSink.standardOutput.flush()
            OutputSink.standardError.flush()
            let number = file.intoDescriptor().release()
            leftOver = number
            try replaceProcess(
                executable: executable,
                arguments: ["relevod", "--settings", "\(number)"] + (origin?.arguments ?? [])
                    + ["--resume"],
                environment: Environment.strings(), keeping: [number])
        } catch {
            if let leftOver { _ = OwnedDescriptor(adopting: leftOver) }
            refuse("\(error)")
        }
    }
}
