import ArgumentParser
import Kernel
import Settings

/// `relevo wrap`
struct WrapCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wrap",
        abstract: "Has a server's own systemd unit run through Relevo.",
        discussion: """
            The unit, its user, folders, variables and sandbox stay the package's. Two files are written: \
            a drop-in for the unit, with what has to be different, and /etc/relevo/NAME.conf with the \
            settings. Nothing is started, and the server that runs goes on as it is; the next restart of \
            the unit is the last one that its clients notice. From then on these lose nothing:

              systemctl restart UNIT    another supervisor, and an upgrade where the server's program is \
            another one by then: as its package does
              systemctl reload UNIT     an upgrade: the same command again, or that of a changed unit
              relevo rollback NAME

            For example:

              relevo wrap unbound --dry-run
              relevo wrap unbound && systemctl restart unbound
              relevo wrap game --steering flow --idle-timeout 30s
              relevo wrap old -- /usr/sbin/old --foreground
              relevo unwrap unbound
              relevo wrap --check

            How a known server stays in the foreground, and what it needs, comes from a table: unbound, \
            named, dnsmasq, coturn, kamailio, freeradius, chrony, nginx, dnsdist, pdns-recursor, knot, \
            knot-resolver, nsd and others. Any other unit whose server stays in the foreground is wrapped \
            with the options of relevo run; by default each client stays with the process that answered it. \
            A unit that cannot be wrapped is refused with the reason. Wrapping again writes the drop-in \
            again, for a unit that has changed, and leaves the settings. Whether one has, by a new version \
            of its package say, --check tells, of all wrapped units where none is named: exit code 1, with \
            the keys that say something else now. Each start of the unit does so in the journal.
            """)

    @Argument(help: "The unit; .service may be left out.", completion: Completions.units)
    var unit: String?

    @Flag(help: "Only find out whether a wrapped unit has changed since.")
    var check = false

    @Flag(help: "Print what would be written, and write nothing.")
    var dryRun = false

    @Flag(help: "Write the settings anew, also where they are there already.")
    var force = false

    @OptionGroup var options: RunOptions
    @OptionGroup var output: JSONOption

    @Argument(
        parsing: .postTerminator,
        help: "The command, after --, where the unit's own does not do; variables are the unit's.")
    var command: [String] = []

    func validate() throws {
        if unit == nil, !check { throw ValidationError("say which unit") }
        if check, dryRun || force { throw ValidationError("--check changes nothing") }
    }

    func run() throws {
        guard let unit, !check else { return try findChanges() }
        let installed = try InstalledUnit(named: unit)
        let former = try WrappedUnit(installed.name)
        let given = command.isEmpty ? WrapPlace.given(in: former?.lines ?? []) : command
        let plan = try WrapPlan(
            installed, options: options, command: given, program: InitPlan.ownProgram)
        guard plan.refusals.isEmpty else {
            for reason in plan.refusals { Console.complain("relevo: \(installed.name): \(reason)") }
            throw Failure(.failed, "\(installed.name) is not wrapped")
        }
        let kept = dryRun ? [] : try write(plan, after: former)
        if !dryRun { _ = try ServiceManager.asked("daemon-reload") }
        guard !output.json else {
            return output.give(Result(plan, isWritten: !dryRun, kept: kept))
        }
        if dryRun { show(plan) } else { tell(plan, kept: kept) }
        for note in plan.notes { Console.complain("relevo: note: \(note)") }
    }

    private struct Changes: Encodable {
        struct Unit: Encodable {
            let unit: String
            /// The keys that say something else than when it was wrapped.
            let changed: [String]
        }
        let units: [Unit]
    }

    private func findChanges() throws {
        let wrapped = try unit.map { [try WrappedUnit.named($0)] } ?? WrappedUnit.all()
        var found: [Changes.Unit] = []
        for unit in wrapped {
            let installed = try InstalledUnit(named: unit.name, asItRuns: true)
            found.append(
                Changes.Unit(
                    unit: unit.name,
                    changed: WrappedUnit.changes(of: unit.lines, to: installed.facts)))
        }
        if output.json { output.give(Changes(units: found)) }
        let notices = found.compactMap { WrappedUnit.notice(of: $0.changed, in: $0.unit) }
        for notice in notices { Console.complain("relevo: \(notice)") }
        if !notices.isEmpty { throw Failure(.failed, "") }
    }

    private func show(_ plan: WrapPlan) {
        for (index, file) in plan.files.enumerated() {
            if index > 0 { Console.say("") }
            Console.say("# ==> \(file.path) <==")
            Console.say(String(file.text.dropLast()))
        }
    }

    private func tell(_ plan: WrapPlan, kept: [String]) {
        for file in plan.files {
            Console.say("\(kept.contains(file.path) ? "kept " : "wrote") \(file.path)")
        }
        Console.say("from the next restart on:  systemctl restart \(plan.unit)")
        Console.say("then upgrade it:           systemctl reload \(plan.unit)")
        Console.say("look at it:                relevo status \(plan.service)")
        Console.say("take it back:              relevo unwrap \(plan.unit)")
    }

    private struct Result: Encodable {
        struct File: Encodable {
            let path: String
            let text: String
            /// Whether it is on disk now as it is here.
            let written: Bool
        }
        let unit: String
        let service: String
        /// What is known of the server; nil where nothing is.
        let known: String?
        let files: [File]
        let notes: [String]

        init(_ plan: WrapPlan, isWritten: Bool, kept: [String]) {
            unit = plan.unit
            service = plan.service
            known = plan.known?.name
            files = plan.files.map {
                File(
                    path: $0.path, text: $0.text, written: isWritten && !kept.contains($0.path))
            }
            notes = plan.notes
        }
    }

    /// The settings are somebody's once they are written: what is there is kept, and told.
    private func write(
        _ plan: WrapPlan, after former: WrappedUnit?
    ) throws(Failure) -> [String] {
        let place = WrapPlace(plan.unit)
        var kept: [String] = []
        for file in plan.files {
            if file.path == place.settings, !force, try isThere(file.path) {
                kept.append(file.path)
            } else if file.path == place.dropIn, !kept.isEmpty, let former {
                // They are as they were written, or not, still.
                try file.keepingSum(of: former.lines).write()
            } else {
                try file.write()
            }
        }
        return kept
    }

    private func isThere(_ path: String) throws(Failure) -> Bool {
        do throws(KernelError) {
            return try FileStatus(of: path) != nil
        } catch {
            throw Failure(error)
        }
    }
}

extension InitPlan.File {
    /// The same drop-in for settings that stay as a former one has left them.
    func keepingSum(of former: [String]) -> InitPlan.File {
        guard let sum = former.first(where: { WrapPlace.isSumLine($0) }) else { return self }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { WrapPlace.isSumLine($0) ? sum[...] : $0 }
        return InitPlan.File(path: path, text: lines.joined(separator: "\n"))
    }
}
