import ArgumentParser
import ControlClient
import ControlProtocol
import Kernel
import Settings

/// `relevo top`
struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Shows services live: traffic, sessions, drops, handovers and workers.",
        discussion: """
            All services of the machine, or one by its name, looked at once a second (--interval). Below the \
            list stand the details of the selected service: its generations, sessions of the new generation and \
            of the old ones over time, and its workers with their processor time and memory.

            Keys: up and down select, s sorts, p promotes a canary or ends a watch, h holds a canary, a aborts \
            either, each after y; ? tells of all keys, q ends. Ctrl-Z suspends.

            DGRAM/S, FLOWS/S and DROP/S are what passed between two looks, a second, at all listeners of a \
            service. NEW are the sessions of the canary, or else of the current generation, OLD all others. CPU is \
            of one processor. END is when a drain is likely to end by itself, or a watch is over. A service that does not answer \
            within a second, or --timeout, is shown as it was before; one that is gone for a minute more.

            Where standard output or input is no terminal, or TERM is dumb, it prints once, as plain text, what \
            passed in one interval. NO_COLOR turns colours off; without UTF-8 in the locale only ASCII is drawn.

            With -H ssh begins anew for each look and service, and must not ask for anything; services that \
            start over there later are not shown. ssh -t HOST relevo top is lighter.

              relevo top
              relevo top dns --interval 500ms
              relevo top --json | jq '.services[] | {name, rates}'
            """)

    @OptionGroup var service: ServiceOptions

    @Option(help: "Time between two looks: 200ms, 5s (1s; 10s over ssh).")
    var interval: String?

    @Flag(
        help:
            "Print one JSON object of what passed in one interval; fields may be added in later versions, none goes away."
    )
    var json = false

    @OptionGroup var survey: SurveyOptions

    func run() throws {
        let shown = interval ?? (RemoteHost.chosen == nil ? "1s" : "10s")
        let interval = try Options.read("--interval", shown) { (text) throws(ValueError) in
            try Duration.parsePositive(text)
        }
        guard (.milliseconds(200)...Duration.seconds(3600)).contains(interval) else {
            throw Failure(.usage, "--interval: '\(shown)' is not from 200ms to 1h")
        }
        let limit = try survey.limit()
        let isOne = service.name != nil || service.control != nil
        let first = try service.surveyed()
        let isFixed = isOne || RemoteHost.chosen != nil
        let paths = { isFixed ? first : ServiceLocator().existing() }
        let model = TopModel(isOne: isOne)
        do throws(KernelError) {
            if !json, canDraw, let terminal = try? Terminal() {
                // Those that answer are not to wait long for one that stands still.
                let isShort = survey.timeout == nil && RemoteHost.chosen == nil
                let view = try TopView(
                    model, on: terminal, every: interval, shown,
                    within: isShort ? min(max(interval, .seconds(1)), limit) : limit, paths: paths)
                return try view.run()
            }
            try tellOnce(model, interval, shown, within: limit, paths)
        } catch {
            throw Failure(error)
        }
    }

    /// Whether there is a terminal to draw on. A person who may expect that there is one is told why not.
    private var canDraw: Bool {
        guard Console.isTerminal else { return false }
        let term = Environment.value(of: "TERM") ?? ""
        let trouble: String
        if !StandardStream.input.isTerminal() {
            trouble = "standard input is no terminal to read keys from"
        } else if term.isEmpty || term == "dumb" {
            trouble = "TERM says that this terminal moves no cursor"
        } else {
            return true
        }
        Console.complain("relevo: no live view, \(trouble); this is one look")
        return false
    }

    /// Two looks: rates are what passed between them.
    private func tellOnce(
        _ model: TopModel, _ interval: Duration, _ shown: String, within limit: Duration,
        _ paths: () -> [String]
    ) throws(KernelError) {
        var model = model
        for look in 0..<2 {
            let began = MonotonicClock.now()
            let looks = try StatusSurvey.looks(at: paths(), within: limit)
            model.take(looks, left: TopView.left(looks), at: began)
            if look == 0 { try passTime(max(.zero, began + interval - MonotonicClock.now())) }
        }
        if json {
            Console.say(JSONOption.text(TopReport(model)))
            return
        }
        guard !model.services.isEmpty else {
            return Console.complain("relevo: no service is running here")
        }
        let screen = TopScreen(
            model: model, isUTF8: ScreenText.isUTF8 { Environment.value(of: $0) },
            now: MonotonicClock.now(), interval: shown)
        for line in screen.plain(width: Console.width) { Console.say(line) }
    }
}
