extension Machine: Codable {
    /// The format that this version writes; it reads this one and older ones.
    package static let formatVersion = 1

    private enum CodingKeys: String, CodingKey {
        case formatVersion, policy, generations, service, steering, lastHandover, nextGeneration
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
        lastHandover = try keys.decodeIfPresent(HandoverReport.self, forKey: .lastHandover)
        nextGeneration = try keys.decode(GenerationID.self, forKey: .nextGeneration)
    }

    package func encode(to encoder: any Encoder) throws {
        var keys = encoder.container(keyedBy: CodingKeys.self)
        try keys.encode(Self.formatVersion, forKey: .formatVersion)
        try keys.encode(policy, forKey: .policy)
        try keys.encode(generations, forKey: .generations)
        try keys.encode(service, forKey: .service)
        try keys.encodeIfPresent(steering, forKey: .steering)
        try keys.encodeIfPresent(lastHandover, forKey: .lastHandover)
        try keys.encode(nextGeneration, forKey: .nextGeneration)
    }
}

extension KeyedDecodingContainer {
    /// A value that an older writer did not know of reads as `value`.
    func decode<Value: Decodable>(_ key: Key, default value: Value) throws -> Value {
        try decodeIfPresent(Value.self, forKey: key) ?? value
    }
}

extension Policy: Codable {
    private enum CodingKeys: String, CodingKey {
        case overlap, readyTimeout, drainTimeout, drainWaitsFor, unconfirmedHold, emptyTimeout,
            linger
        case stopTimeout
        case restartDelay, restartDelayLimit, restartReset, crashLimit, crashWindow
    }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        overlap = try keys.decode(.overlap, default: overlap)
        readyTimeout = try keys.decode(.readyTimeout, default: readyTimeout)
        // Null is for ever; only a missing key is the default.
        if keys.contains(.drainTimeout) {
            drainTimeout = try keys.decode(Duration?.self, forKey: .drainTimeout)
        }
        if let kinds = try keys.decodeIfPresent([String].self, forKey: .drainWaitsFor) {
            // A kind that only a newer writer knows cannot be counted here.
            drainWaitsFor = Set(kinds.compactMap { SessionKind(rawValue: $0) })
        }
        unconfirmedHold = try keys.decode(.unconfirmedHold, default: unconfirmedHold)
        emptyTimeout = try keys.decode(.emptyTimeout, default: emptyTimeout)
        linger = try keys.decode(.linger, default: linger)
        stopTimeout = try keys.decode(.stopTimeout, default: stopTimeout)
        restartDelay = try keys.decode(.restartDelay, default: restartDelay)
        restartDelayLimit = try keys.decode(.restartDelayLimit, default: restartDelayLimit)
        restartReset = try keys.decode(.restartReset, default: restartReset)
        crashLimit = try keys.decode(.crashLimit, default: crashLimit)
        crashWindow = try keys.decode(.crashWindow, default: crashWindow)
    }

    package func encode(to encoder: any Encoder) throws {
        var keys = encoder.container(keyedBy: CodingKeys.self)
        try keys.encode(overlap, forKey: .overlap)
        try keys.encode(readyTimeout, forKey: .readyTimeout)
        // Written as null where it is for ever: a missing key would be the default.
        try keys.encode(drainTimeout, forKey: .drainTimeout)
        try keys.encode(drainWaitsFor.map(\.rawValue).sorted(), forKey: .drainWaitsFor)
        try keys.encode(unconfirmedHold, forKey: .unconfirmedHold)
        try keys.encode(emptyTimeout, forKey: .emptyTimeout)
        try keys.encode(linger, forKey: .linger)
        try keys.encode(stopTimeout, forKey: .stopTimeout)
        try keys.encode(restartDelay, forKey: .restartDelay)
        try keys.encode(restartDelayLimit, forKey: .restartDelayLimit)
        try keys.encode(restartReset, forKey: .restartReset)
        try keys.encode(crashLimit, forKey: .crashLimit)
        try keys.encode(crashWindow, forKey: .crashWindow)
    }
}
