/// Which of the services found here is meant. A command without a name may mean a service that has ended.
/// So it never acts on another one for the only reason that this is the last one left.
struct ServiceChoice {
    /// What a control socket's path leads to.
    struct Finding: Equatable {
        enum State: Equatable {
            /// Somebody listens; whether the caller's user runs it, or the caller is root.
            case live(isOwn: Bool)
            /// A socket is there, and nobody listens: the supervisor is gone, workers may not be.
            case dead
            /// No socket.
            case absent
            /// It may not be asked by this user.
            case refused(Failure)
        }

        /// The control socket's path.
        let path: String
        let state: State

        /// The name of the folder that the socket is in, which is the service's as a rule.
        var name: String { String(path.split(separator: "/").dropLast().last ?? "?") }

        var isLive: Bool {
            if case .live = state { return true }
            return false
        }

        fileprivate var refusal: Failure? {
            if case .refused(let failure) = state { return failure }
            return nil
        }
    }

    /// Whether the command changes something; one that only looks may look at anybody's service.
    let acts: Bool

    /// Within a service's own unit no other service is meant, whatever became of its own.
    func own(_ found: Finding, others: [Finding]) throws(Failure) -> String {
        let running = others.filter { $0.isLive && $0.path != found.path }.map(\.name)
        let hint =
            running.isEmpty
            ? "" : "; name the service that is meant (running: \(running.joined(separator: ", ")))"
        switch found.state {
        case .live: return found.path
        case .refused(let failure): throw failure
        case .dead:
            throw Failure(
                .unavailable,
                "no supervisor listens at \(found.path); if its workers serve on, "
                    + "relevo run --resume takes them over\(hint)")
        case .absent:
            throw Failure(
                .unavailable,
                "RUNTIME_DIRECTORY says that the service here is '\(found.name)', "
                    + "and no supervisor runs it\(hint)")
        }
    }

    /// Without a name: the only service of all that were found.
    func only(of found: [Finding]) throws(Failure) -> String {
        let there = found.filter { $0.isLive || $0.state == .dead }
        guard let first = there.first(where: \.isLive) else {
            if let refusal = found.compactMap(\.refusal).first { throw refusal }
            guard let left = there.first else {
                throw Failure(.unavailable, "no supervisor is running here")
            }
            throw Failure(
                .unavailable,
                "no supervisor is running here; the one of '\(left.name)' is gone, and if its "
                    + "workers serve on, relevo run --resume takes them over")
        }
        guard there.count == 1 else {
            let isWhole = there.allSatisfy(\.isLive)
            let names = there.map { $0.isLive ? $0.name : "\($0.name), whose supervisor is gone" }
            throw Failure(
                .usage,
                "several services are \(isWhole ? "running" : "here") "
                    + "(\(names.joined(separator: isWhole ? ", " : "; "))); name one of them")
        }
        if acts, first.state == .live(isOwn: false) {
            throw Failure(
                .usage,
                "the only service here, '\(first.name)', is run by another user; name it")
        }
        return first.path
    }

    /// With a name: what was found at the places where a service of that name may be.
    func named(_ name: String, of found: [Finding]) throws(Failure) -> String {
        let there = found.filter { $0.isLive || $0.state == .dead }
        guard let first = there.first(where: \.isLive) else {
            if let refusal = found.compactMap(\.refusal).first { throw refusal }
            let places = found.map(\.path).joined(separator: " and ")
            throw Failure(.unavailable, "no supervisor runs '\(name)' (looked at \(places))")
        }
        guard there.count == 1 || !acts else {
            let places = there.map { $0.isLive ? $0.path : "\($0.path), where nobody listens" }
            throw Failure(
                .usage,
                "'\(name)' may be several services (\(places.joined(separator: "; "))); "
                    + "say which with --control")
        }
        return first.path
    }
}
