extension Machine: Codable {
    /// The format that this version writes; it reads this one and older ones.
    package static let formatVersion = 1

    private enum CodingKeys: String, CodingKey {
        case formatVersion, policy, generations, service, steering, steeringAnswer, lastHandover,
            restoring, nextGeneration
    }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        let version = try keys.decode(.formatVersion, default: 1)
        guard version <= Self.formatVersion else {
            throw DecodingError.dataCorruptedError(
                forKey: .formatVersion, in: keys,
                debugDescription: "format \(version), newest known \(Self.formatVersion)")
        }
        policy = try keys.decode(.policy, default: Policy())
        generations = try keys.decode([Generation].self, forKey: .generations)
        service = try keys.decode(ServiceState.self, forKey: .service)
        steering = try keys.decodeIfPresent(SteeringTarget.self, forKey: .steering)
        steeringAnswer = try keys.decode(.steeringAnswer, default: .accepted)
        lastHandover = try keys.decodeIfPresent(HandoverReport.self, forKey: .lastHandover)
        restoring = try keys.decodeIfPresent(Restoring.self, forKey: .restoring)
        nextGeneration = try keys.decode(GenerationID.self, forKey: .nextGeneration)
    }

    package func encode(to encoder: any Encoder) throws {
        var keys = encoder.container(keyedBy: CodingKeys.self)
        try keys.encode(Self.formatVersion, forKey: .formatVersion)
        try keys.encode(policy, forKey: .policy)
        try keys.encode(generations, forKey: .generations)
        try keys.encode(service, forKey: .service)
        try keys.encodeIfPresent(steering, forKey: .steering)
        try keys.encode(steeringAnswer, forKey: .steeringAnswer)
        try keys.encodeIfPresent(lastHandover, forKey: .lastHandover)
        try keys.encodeIfPresent(restoring, forKey: .restoring)
        try keys.encode(nextGeneration, forKey: .nextGeneration)
    }
}

extension KeyedDecodingContainer {
    /// A value that an older writer did not know of reads as `value`.
    func decode<Value: Decodable>(_ key: Key, default value: Value) throws -> Value {
        try decodeIfPresent(Value.self, forKey: key) ?? value
    }
}
