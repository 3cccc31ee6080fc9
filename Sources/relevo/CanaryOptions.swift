import ArgumentParser
import ControlProtocol
import Settings

/// How a new generation is tried out.
struct CanaryOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Shares of the clients that get the new generation first, one after the other: 5%,25%,50%. \
            A client, which is one address, gets one version.
            """, valueName: "shares"))
    var canary: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            """
            A network whose clients get the new generation first, in a step of their own, and in all others: \
            192.0.2.0/24, 2001:db8::/32, or one address. May be given up to 64 times.
            """, valueName: "network"))
    var canaryNet: [String] = []

    @Option(
        help: ArgumentHelp(
            "How long each step lasts; without it each one waits for relevo promote.",
            valueName: "time"))
    var step: String?

    @Option(
        help: ArgumentHelp(
            "So many workers of the new generation may die in a canary and a watch before it gives way (0).",
            valueName: "number"))
    var maxRestarts: Int?

    @Option(
        help: ArgumentHelp(
            """
            So many datagrams may be dropped in a canary and a watch before the new generation gives way; without \
            it any number. Counted from its first new flow on, each second, at the end of each step and of the \
            watch, at all listeners of the service, whichever generation's socket it was: status shows these \
            drops too.
            """, valueName: "number"))
    var maxDrops: Int?

    @Option(
        help: ArgumentHelp(
            """
            A command, as exec:/usr/bin/check --its-args, that is run at the end of each step, every 5 s of a \
            watch and at its end, and once in a dry run: does it not end with 0 within a minute, the new \
            generation gives way. It runs as the workers' user and finds RELEVO_SERVICE, RELEVO_GENERATION, \
            RELEVO_STEP, RELEVO_SHARE and RELEVO_NETWORKS in its environment.
            """, valueName: "exec:command"))
    var check: String?

    @Option(
        help: ArgumentHelp(
            """
            For so long after the flip a failed check, a worker that dies (--max-restarts) or says that it failed, \
            and drops (--max-drops) roll back. The old generation is told to drain when it is over, and keeps its \
            processes until then; the command returns then. relevo promote ends it early. If all workers of the old \
            generation die meanwhile the new one stays, nothing can go back at once, and the exit code is 1.
            """, valueName: "time"))
    var watch: String?

    @Flag(
        help: ArgumentHelp(
            """
            Start the new generation, wait until it is ready, run --check, and stop it again. It never gets a flow, \
            no hook runs, and changed settings and listeners of the file wait. The exit code is 1 where it would \
            not have become current. The history has it as a dry run.
            """))
    var dryRun = false

    func validate() throws {
        let isCanary = canary != nil || !canaryNet.isEmpty
        if !isCanary, step != nil {
            throw ValidationError("--step belongs to --canary and --canary-net")
        }
        if !isCanary, watch == nil, maxRestarts != nil || maxDrops != nil {
            throw ValidationError(
                "--max-restarts and --max-drops belong to --canary, --canary-net and --watch")
        }
        if check != nil, !isCanary, watch == nil, !dryRun {
            throw ValidationError(
                "--check belongs to --canary, --canary-net, --watch and --dry-run")
        }
        if check != nil, step == nil, watch == nil, !dryRun {
            throw ValidationError("--check is run at the end of a step: add --step 30s, say")
        }
        if let maxRestarts, !(0...1_000_000).contains(maxRestarts) {
            throw ValidationError("--max-restarts '\(maxRestarts)' is not from 0 to 1000000")
        }
        if let maxDrops, !(0...1_000_000_000).contains(maxDrops) {
            throw ValidationError("--max-drops '\(maxDrops)' is not from 0 to 1000000000")
        }
    }

    /// What the supervisor is told; nil for none.
    func steps() throws(Failure) -> CanarySteps? {
        if canary == nil, canaryNet.isEmpty { return nil }
        let time = try step.map { (text) throws(Failure) in
            try Options.read("--step", text) { (text) throws(ValueError) in
                try Duration.parsePositive(text)
            }
        }
        return CanarySteps(
            shares: try canary.map(Self.shares) ?? [], networks: try networks(),
            stepSeconds: time.map { $0 / .seconds(1) },
            restarts: maxRestarts, drops: maxDrops,
            check: time == nil ? nil : try check.map(Self.command))
    }

    /// The watch that the supervisor is told of; nil for none.
    func watchWanted() throws(Failure) -> WatchWanted? {
        guard let watch else { return nil }
        let time = try Options.read("--watch", watch) { (text) throws(ValueError) in
            try Duration.parsePositive(text)
        }
        guard time <= .seconds(8_640_000) else {
            throw Failure(.usage, "--watch '\(watch)' is longer than 100 days")
        }
        return WatchWanted(
            seconds: time / .seconds(1), restarts: maxRestarts, drops: maxDrops,
            check: try check.map(Self.command))
    }

    func dryRunWanted() throws(Failure) -> DryRunWanted? {
        guard dryRun else { return nil }
        return DryRunWanted(check: try check.map(Self.command))
    }

    private func networks() throws(Failure) -> [String]? {
        var networks: [String] = []
        for text in canaryNet {
            let network = try Options.read("--canary-net", text) { (text) throws(ValueError) in
                try InternetNetwork.parse(text)
            }
            networks.append(network.description)
        }
        guard networks.count <= 64 else {
            throw Failure(.usage, "--canary-net: \(networks.count) networks; 64 is the most")
        }
        return networks.isEmpty ? nil : networks
    }

    private static func command(_ text: String) throws(Failure) -> [String] {
        let rule = try Options.read("--check", text) { (text) throws(ValueError) in
            try ReadyRule.parse(text)
        }
        guard case .exec(let words) = rule else {
            throw Failure(.usage, "--check: '\(text)' is not exec:COMMAND")
        }
        return words
    }

    private static func shares(_ text: String) throws(Failure) -> [Double] {
        var shares: [Double] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard word.last == "%", let share = Double(word.dropLast()), share >= 0.0001,
                share <= 99.9999
            else {
                throw Failure(
                    .usage,
                    "--canary: '\(word)' is not a share of the clients, from 0.0001% to 99.9999%")
            }
            guard share - (shares.last ?? 0) >= 0.0001 else {
                throw Failure(
                    .usage, "--canary: each share must be larger than the one before, as in 5%,25%")
            }
            shares.append(share)
        }
        guard shares.count <= 100 else { throw Failure(.usage, "--canary: at most 100 shares") }
        return shares
    }
}
