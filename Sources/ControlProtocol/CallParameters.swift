struct NoParameters: Codable {}

struct DescriptionParameters: Codable {
    var interface: String
}

struct HistoryParameters: Codable {
    var number: Int?
}

struct ExplainParameters: Codable {
    var datagrams: [DatagramQuestion]
}

struct RollbackParameters: Codable {
    var wait: Wait?
    var message: String?
    var to: Int?
}

struct WaitParameters: Codable {
    var wait: Wait?
    var message: String?
}

struct UpgradeParameters: Codable {
    var command: [String]?
    var workers: Int?
    var wait: Wait?
    var message: String?
    var release: String?
    var canary: CanarySteps?
    var watch: WatchWanted?
    var dryRun: DryRunWanted?
}

struct PromoteParameters: Codable {
    var full: Bool?
    var generation: Int?
    var step: Int?
}

struct DrainParameters: Codable {
    var generation: Int?
    var timeout: Double?
    var keep: Int?
}

struct StopParameters: Codable {
    var drainTimeout: Double?
}
