struct NoParameters: Codable {}

struct DescriptionParameters: Codable {
    var interface: String
}

struct WaitParameters: Codable {
    var wait: Wait?
}

struct UpgradeParameters: Codable {
    var command: [String]?
    var workers: Int?
    var wait: Wait?
}

struct DrainParameters: Codable {
    var generation: Int?
    var timeout: Double?
}

struct StopParameters: Codable {
    var drainTimeout: Double?
}
