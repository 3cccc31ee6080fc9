package import HandoverCore

/// What shows that an address is served which was adopted by the rule `auto`.
package struct Evidence: Hashable, Codable, Sendable {
    /// The newest generation that has served there; nil while none has.
    package var servedBy: GenerationID?
    /// Whether the next generation counts as ready only once it serves there too.
    package var isProven = false
    /// Whether only workers that were ready have bound it, so that the next generation may do so as late; nil
    /// means no.
    package var isLate: Bool?
}

/// What is known of an address as a worker binds it.
enum AdoptionBasis: Equatable, Sendable {
    /// A starting server has bound it, and it is no question's port: the next version is to bind it too.
    case certain
    /// It may be a port that was picked for one question.
    case doubtful
    /// A server that was ready has bound it, perhaps for one session alone.
    case late
}

/// How a worker that is ready uses a socket that it has bound.
package enum SlotUse: Hashable, Sendable {
    /// Open, and without a peer.
    case serving
    /// Open, and connected to one peer: a question to another server, or a session.
    case connected
    /// Nobody has it open.
    case unheld
}

/// Why the use of adopted addresses is looked at.
package enum AdoptedLook: Hashable, Sendable {
    /// A worker has become ready.
    case ready
    /// From time to time.
    case periodic
    /// The bank of a new generation is to be made, with slots for so many workers.
    case bank(GenerationID, workers: Int)
}

/// What a look says of an adopted address.
enum AdoptedFinding: Equatable, Sendable {
    case nothing
    /// It was on trial, and is served.
    case serves
    /// Nobody has it open any more.
    case gone
}

/// The owner of what is known of adopted addresses: whether they are served, and whether anybody has them
/// open.
///
/// A resolver binds a port of its own for every question that it asks, as it binds the ports that it
/// serves. So a high port that `auto` alone covers is on trial: it is served once a worker is ready and has
/// its socket without a peer, and asked of the next generation once two generations have served it, or its
/// port is another listener's too. No resolver picks the same port twice.
///
/// What a server binds once it is ready is served at once, but never asked of the next generation: that
/// one may bind it for its first session too (iperf3's port for UDP).
package struct AdoptedAddresses: Sendable {
    /// Ports below need a privilege, and nobody picks one of them at random.
    private static let firstOnTrial: UInt16 = 1024

    /// Of those on trial.
    private var evidence: [Int: Evidence] = [:]
    /// Those that nobody has open, with the periodic looks that have shown it.
    private var unheld: [Int: Int] = [:]
    private var changed: Set<Int> = []

    init() {}

    /// Goes on with what a predecessor has written down.
    init(resuming evidence: [Evidence?]) {
        for (listener, found) in evidence.enumerated() { self.evidence[listener] = found }
    }

    /// What has to be written down again; it is not told a second time.
    mutating func takeChanged() -> Set<Int> {
        defer { changed = [] }
        return changed
    }

    subscript(listener: Int) -> Evidence? { evidence[listener] }

    /// Whether a port that `auto` alone covers may be one of many.
    static func isDoubtful(_ port: UInt16) -> Bool { port >= firstOnTrial }

    /// A listener is made of an address that a generation binds.
    mutating func begin(_ listener: Int, _ basis: AdoptionBasis, by generation: GenerationID) {
        unheld[listener] = nil
        changed.insert(listener)
        evidence[listener] =
            switch basis {
            case .certain: nil
            case .doubtful: Evidence()
            case .late: Evidence(servedBy: generation, isLate: true)
            }
    }

    /// The settings name a listener, so that nothing has to show that it is served.
    mutating func isNamed(_ listener: Int) {
        unheld[listener] = nil
        if evidence.removeValue(forKey: listener) != nil { changed.insert(listener) }
    }

    /// A worker binds an address as it starts.
    mutating func isBoundAtStart(_ listener: Int) {
        guard evidence[listener]?.isLate == true else { return }
        evidence[listener] = nil
        changed.insert(listener)
    }

    /// Whether it is known to be served, so that it counts as a listener.
    package func isServed(_ listener: Int) -> Bool {
        evidence[listener].map { $0.servedBy != nil } ?? true
    }

    /// Whether it may be a port that somebody has picked for one question.
    func isDoubted(_ listener: Int) -> Bool { !isServed(listener) && !isProven(listener) }

    private func isProven(_ listener: Int) -> Bool { evidence[listener]?.isProven ?? true }

    /// Whether a generation is asked to serve there before it counts as ready.
    func isAsked(_ listener: Int) -> Bool { unheld[listener] == nil && isProven(listener) }

    /// Whether it has to be looked at soon.
    var areOnTrial: Bool { evidence.contains { $0.value.servedBy == nil } }

    /// Takes in how the slots of a listener are used; nil where that is not known.
    mutating func see(
        _ listener: Int, _ uses: [(generation: GenerationID, use: SlotUse?)], _ look: AdoptedLook
    ) -> AdoptedFinding {
        if let generation = uses.filter({ $0.use == .serving }).map(\.generation).max() {
            unheld[listener] = nil
            return serves(listener, generation)
        }
        guard !uses.isEmpty, uses.allSatisfy({ $0.use == .unheld }) else {
            unheld[listener] = nil
            return .nothing
        }
        if !isServed(listener) { return .gone }
        let isKnown = unheld[listener] ?? 0 > 0
        // A server that closes its socket to bind it again is to find what came meanwhile.
        guard look == .periodic else {
            unheld[listener, default: 0] += 0
            return .nothing
        }
        unheld[listener, default: 0] += 1
        return isKnown ? .gone : .nothing
    }

    private mutating func serves(_ listener: Int, _ generation: GenerationID) -> AdoptedFinding {
        guard var known = evidence[listener], known.servedBy != generation else { return .nothing }
        if let former = known.servedBy {
            if former > generation { return .nothing }
            known.isProven = known.isLate != true
        }
        let finding = known.servedBy == nil ? AdoptedFinding.serves : .nothing
        known.servedBy = generation
        evidence[listener] = known
        changed.insert(listener)
        return finding
    }

    /// Another listener that is served has its port.
    mutating func isShared(_ listener: Int) {
        guard let known = evidence[listener], !known.isProven, known.isLate != true else { return }
        evidence[listener]?.isProven = true
        changed.insert(listener)
    }

    /// Nobody has a slot of it any more.
    mutating func end(_ listener: Int) {
        unheld[listener] = nil
        guard evidence[listener] != nil else { return }
        evidence[listener]?.servedBy = nil
        changed.insert(listener)
    }
}
