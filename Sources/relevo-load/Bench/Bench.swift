import ArgumentParser

/// `relevo-load bench`: the project's bars, measured.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures what the project promises and compares it with the bars.",
        discussion: """
            Each benchmark starts what it needs, prints a short table and ends with exit code 1 \
            when a bar is missed. All but 'balance', 'flip', 'link', 'record' and 'steering' run \
            the 'relevo' beside this program.
            """,
        subcommands: [
            BalanceBench.self, BindBench.self, CanaryBench.self, ChurnBench.self,
            CapacityBench.self,
            EventsBench.self, ExporterBench.self,
            FlipBench.self, FloodBench.self, FlowsBench.self, HarmBench.self, IdleBench.self,
            LinkBench.self,
            RecordBench.self,
            SessionsBench.self, SteeringBench.self, SurviveBench.self, UpgradeBench.self,
        ])
}
