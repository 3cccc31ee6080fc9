struct NoParameters: Codable {}

struct DescriptionParameters: Codable {
    var interface: String
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
}

struct DrainParameters: Codable {
    var generation: Int?
    var timeout: Double?
}

struct StopParameters: Codable {
    var drainTimeout: Double?
}
