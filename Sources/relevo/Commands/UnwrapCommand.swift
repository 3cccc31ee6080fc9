import ArgumentParser
import Kernel

/// `relevo unwrap`
struct UnwrapCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unwrap",
        abstract: "Gives a wrapped unit its own command back.",
        discussion: """
            Removes what relevo wrap has written; settings that were changed since are kept. What runs \
            serves on as it is until the unit is restarted, and that restart ends its sessions: \
            while there are any, a person is asked, and a script is refused unless it says --force. To let them \
            end first: systemctl stop UNIT, which drains, and then unwrap and start it.

              relevo unwrap unbound && systemctl restart unbound
              relevo unwrap --all --check
            """)

    @Argument(help: "The unit; .service may be left out.", completion: Completions.wrappedUnits)
    var unit: String?

    @Flag(help: "All units of this machine that are wrapped.")
    var all = false

    @Flag(help: "Only find out whether that would be refused; ask, where there is somebody to ask.")
    var check = false

    @Flag(help: "Also while sessions live.")
    var force = false

    @OptionGroup var output: JSONOption

    func validate() throws {
        guard all != (unit != nil) else {
            throw ValidationError("say which unit, or --all")
        }
    }

    func run() throws {
        let units = try units()
        for unit in units { try permit(unit) }
        var removed: [Result] = []
        for unit in units {
            let kept = check ? nil : try unit.remove()
            removed.append(
                Result(
                    unit: unit.name, dropIn: unit.place.dropIn, removed: !check, kept: kept))
        }
        if !check, !units.isEmpty { _ = try ServiceManager.asked("daemon-reload") }
        guard !output.json else { return output.give(Results(units: removed)) }
        guard !check, !units.isEmpty else { return }
        for each in removed {
            Console.say("removed \(each.dropIn)")
            if let kept = each.kept { Console.say("kept    \(kept), which was changed") }
        }
        let names = units.map(\.name).joined(separator: " ")
        Console.say("what runs serves on until:  systemctl restart \(names)")
    }

    private struct Results: Encodable {
        let units: [Result]
    }

    private struct Result: Encodable {
        let unit: String
        let dropIn: String
        let removed: Bool
        /// Settings that somebody has changed, which are there still.
        let kept: String?
    }

    private func units() throws(Failure) -> [WrappedUnit] {
        guard let unit else { return try WrappedUnit.all() }
        return [try WrappedUnit.named(unit)]
    }

    private func permit(_ unit: WrappedUnit) throws(Failure) {
        guard !force, let sessions = unit.sessions(), sessions > 0 else { return }
        let live = sessions == 1 ? "1 session lives" : "\(sessions) sessions live"
        if StandardStream.input.isTerminal(), StandardStream.error.isTerminal() {
            let question = "\(unit.name): \(live), which the next restart ends. Unwrap it? [y/N]"
            Console.complain(question)
            if readLine()?.lowercased().hasPrefix("y") == true { return }
        }
        throw Failure(
            .failed,
            "\(unit.name): \(live). systemctl stop \(unit.name) lets them end first; --force does not wait"
        )
    }
}
