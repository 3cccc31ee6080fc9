import Kernel
import SteeringABI

/// What all protocols whose sessions have ids share: see learning.bpf.h.
extension Decider {
    /// The number that is counted, of either number of a stay.
    static func stay(_ placement: Int) -> Int { placement & (Int(RELEVO_ALIAS) - 1) }

    /// Steers by an id; false where it is not known.
    mutating func steerByID(_ id: [UInt8]) -> Bool {
        let found = view.entry(of: hashes.id(id))
        guard let entry = found, !isOld(entry) else {
            note(.id(id), found, found == nil ? .absent : .expired)
            return false
        }
        guard steersTo(entry.placement) else {
            let isClosed = view.slot(of: entry.placement) == nil
            note(.id(id), entry, isClosed ? .closed : .noSocket)
            return false
        }
        note(.id(id), entry, .found)
        pin(.id, to: entry.placement)
        if isDue(entry) || !entry.isConfirmed {
            follow(entry.placement, hasMoved: hasMoved(entry))
        }
        return true
    }

    /// Whether the sender's 4-tuple is to lead where its id led.
    mutating func follow(_ placement: Int, hasMoved: Bool) {
        let held = live(tuple)?.placement ?? 0
        if held == 0 || held != Self.stay(placement) && hasMoved { rules.rebound += 1 }
    }

    private var mark: UInt64 { view.ids?.mark ?? 0 }

    func hasMoved(_ entry: FlowEntry) -> Bool {
        let port = UInt64(datagram.flow.peer.port)
        return entry.isCoarse && entry.isConfirmed
            && UInt64(entry.seen) & mark != (port ^ port >> 8) & mark
    }

    func isDue(_ entry: FlowEntry) -> Bool {
        let age = entry.age(at: view.now)
        if entry.isCoarse, entry.isConfirmed {
            return hasMoved(entry) || age >= view.ids?.refresh ?? 0
        }
        return entry.isCoarse
            || age >= (entry.isConfirmed ? view.ticks.refresh : view.ticks.confirm)
    }

    /// No id tells whose a datagram is: by its handshake, else by its 4-tuple.
    ///
    /// - Parameters:
    ///   - learns: whether its id is learned from a session that is known.
    ///   - handshake: the hash of the handshake that it is part of.
    ///   - past: what it is where it opens a session whose handshake is under way.
    mutating func byTuple(
        learns: Bool, role: DatagramRole, handshake: UInt64?,
        past: (inout Decider) -> DatagramRole = { _ in [] }
    ) {
        var (role, learns, isKnown) = (role, learns, false)
        var (rule, placement) = (Decision.Rule.tuple, 0)
        if role.contains(.keyed), let handshake {
            placement = self.handshake(handshake)
            isKnown = placement != 0
        }
        if isKnown {
            rule = .handshake
            if role.contains(.opens) {
                role = past(&self)
                if role.isEmpty { learns = false }
            }
        } else {
            placement = touch(.tuple, tuple)
            if role.contains(.opens) {
                learns = false
                let mayShare = role.contains(.keyed) && handshake != nil
                if mayShare, placement != 0, view.isDraining(placement) { return openBeside() }
            }
        }
        guard steer(placement) else { return unknown(role) }
        pin(rule, to: placement)
        rules.tuple += 1
        if learns { rules.learned += 1 }
    }

    /// Where a handshake that is under way went.
    private mutating func handshake(_ hash: UInt64) -> Int {
        let placement = touch(.handshake, hash)
        guard placement != 0, hash & 1 != 0, let entry = live(hash) else {
            return Self.stay(placement)
        }
        let limit = UInt32(10_000_000_000 >> UInt64(view.ticks.freshShift))
        guard entry.isCoarse || entry.age(at: view.now) > limit else {
            return Self.stay(placement)
        }
        decision.steps.removeLast()
        note(.handshake, entry, .expired)
        return 0
    }

    /// A session begins on a 4-tuple whose sessions are a generation's that drains.
    private mutating func openBeside() {
        open(.beside, share: Self.share(of: tuple))
        if decision.rule == .beside { rules.moved += 1 }
    }

    /// Nothing tells whose a datagram is.
    mutating func unknown(_ role: DatagramRole) {
        if !role.isDisjoint(with: [.opens, .either]) {
            return open(.opens, share: Self.share(of: tuple))
        }
        var placement = Self.stay(touch(.address, hashes.address(of: datagram.flow)))
        if placement != 0, view.isDraining(placement), !spend() {
            let step = decision.steps.removeLast()
            decision.steps.append(
                Decision.Step(key: step.key, outcome: .noBudget, entry: step.entry))
            placement = 0
        }
        if steer(placement) {
            rules.hinted += 1
            return opened(.hint, at: placement)
        }
        if let copier = view.ids?.copier {
            if datagram.size + 8 <= Int(RELEVO_COPY_MOST), copier.left > 0,
                view.hasSocket(copier.place)
            {
                return copied()
            }
            rules.uncopied += 1
        }
        guess()
        // A guess is not to stand where the next datagram may be copied.
        guard view.ids?.copier != nil else { return }
        decision.counts.newFlows = 0
        if decision.rule == .passed { decision.counts.datagrams += 1 }
    }

    private mutating func copied() {
        rules.copied += 1
        decision.rule = .copied
        decision.candidates = Set(view.copiedTo.compactMap(view.slot)).sorted()
    }

    private mutating func guess() {
        if let guessable = view.ids?.guessable, !guessable.isEmpty {
            if spend() {
                let share = Self.share(of: tuple) & 0xffff_ffff
                let guess = guessable[Int((share * UInt64(guessable.count)) >> 32)]
                if steersTo(guess) {
                    note(.guess, nil, .found)
                    rules.guessed += 1
                    return opened(.guess, at: guess)
                }
                note(.guess, nil, .noSocket)
            } else {
                note(.guess, nil, .noBudget)
            }
        }
        rules.unknown += 1
        open(.unknown, share: Self.share(of: tuple))
    }

    private mutating func opened(_ rule: Decision.Rule, at placement: Int) {
        decision.rule = rule
        decision.slot = view.slot(of: placement)
        decision.counts.newFlows = 1
    }
}
