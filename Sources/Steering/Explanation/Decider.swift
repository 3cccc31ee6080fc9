import Kernel
import Packs
import SteeringABI

/// Says what the program would do with one datagram, without its haste: the same order as steering.bpf.c,
/// quic.bpf.c, pack.bpf.c and learning.bpf.h. A test compares the two.
struct Decider {
    let view: any SteeringView
    let datagram: ExplainedDatagram
    let hashes: KeyHashes
    let tuple: UInt64
    var decision = Decision(rule: .passed)
    var rules = RuleCounters()
    /// What is left to be spent.
    private var budget: Int

    private init(_ datagram: ExplainedDatagram, _ view: any SteeringView) {
        self.view = view
        self.datagram = datagram
        hashes = KeyHashes(view.key, member: view.member)
        tuple = FlowHash(of: datagram.flow, at: view.member, key: view.key).value
        budget = view.ids?.budget ?? 0
        decision.counts.datagrams = 1
    }

    static func decide(
        _ datagram: ExplainedDatagram, _ setup: SteeringSetup, _ view: any SteeringView
    ) -> Decision {
        var decider = Decider(datagram, view)
        switch setup.mode {
        case .stateless: decider.stateless()
        case .flow: decider.flow()
        case .quic: decider.quic()
        case .pack: decider.pack(setup.pack ?? Pack(order: .id, rules: []))
        }
        if setup.mode.hasIDs { decider.decision.counts.rules = decider.rules }
        return decider.decision
    }

    // MARK: Without ids

    private mutating func stateless() {
        let placements = isCanarys ? view.canary?.placements ?? [] : view.current
        decision.rule = .stateless
        decision.isCanarys = isCanarys
        decision.candidates = Set(placements.compactMap(view.slot)).filter(view.hasSocket).sorted()
        if decision.candidates.count == 1 { decision.slot = decision.candidates.first }
    }

    private mutating func flow() {
        let found = view.entry(of: tuple)
        guard let found, !isOld(found) else {
            note(.tuple, found, found == nil ? .absent : .expired)
            return open(.opens, share: Self.share(of: tuple))
        }
        if steersTo(found.placement) {
            note(.tuple, found, .found)
            return pin(.tuple, to: found.placement)
        }
        let isClosed = view.slot(of: found.placement) == nil
        note(.tuple, found, isClosed ? .closed : .noSocket)
        if !isClosed { decision.counts.fallback += 1 }
        open(.opens, share: Self.share(of: tuple))
    }

    // MARK: Where it goes

    /// A session that is known keeps its slot.
    mutating func pin(_ rule: Decision.Rule, to placement: Int) {
        decision.rule = rule
        decision.slot = view.slot(of: placement)
        decision.counts.pinned = 1
    }

    /// It goes where new flows of its client go.
    mutating func open(_ rule: Decision.Rule, share: UInt64) {
        guard let placement = steerToCurrent(share) else {
            decision.rule = .passed
            decision.counts.fallback += 1
            return
        }
        decision.rule = rule
        decision.slot = view.slot(of: placement)
        decision.counts.newFlows = 1
    }

    /// What a flow's share of a choice is told by.
    static func share(of hash: UInt64) -> UInt64 { hash & ~0xffff }

    private mutating func steerToCurrent(_ share: UInt64) -> Int? {
        if isCanarys, let placement = steer(by: view.canary?.placements ?? [], share) {
            decision.isCanarys = true
            return placement
        }
        return steer(by: view.current, share)
    }

    private mutating func steer(by choice: [Int], _ share: UInt64) -> Int? {
        guard !choice.isEmpty else { return nil }
        let step = UInt64(0xffff_ffff) / UInt64(choice.count) + 1
        var share = lessBusy(choice, share)
        for _ in 0..<4 {
            let placement = Self.placement(of: choice, share)
            if steersTo(placement) { return placement }
            decision.counts.fallback += 1
            share &+= step
        }
        return nil
    }

    private static func placement(of choice: [Int], _ share: UInt64) -> Int {
        choice[Int(((share & 0xffff_ffff) * UInt64(choice.count)) >> 32)]
    }

    /// Where new flows are placed by load: the share of the less busy one of two slots.
    private func lessBusy(_ choice: [Int], _ share: UInt64) -> UInt64 {
        func load(_ share: UInt64) -> UInt32? {
            // As the program masks what it reads of a closed one.
            let slot = view.slot(of: Self.placement(of: choice, share))
            return view.load(of: slot ?? Int(RELEVO_SLOTS) - 1)
        }
        let other = (share &* 0x9e37_79b1) & 0xffff_ffff
        guard let one = load(share), let two = load(other), two < one else { return share }
        return other
    }

    /// Whether this client is one of a canary's.
    private var isCanarys: Bool {
        guard let canary = view.canary else { return false }
        let address = datagram.flow.peer.addressBytes
        if canary.networks.contains(where: { $0.contains(address) }) { return true }
        let words: (UInt64, UInt64)
        switch datagram.flow.peer {
        case .ipv4(let address, _): words = (UInt64(address.bigEndian), 0)
        case .ipv6(let address, _, _):
            words = (
                UInt64(truncatingIfNeeded: address >> 64).bigEndian,
                UInt64(truncatingIfNeeded: address).bigEndian
            )
        }
        var hash = (words.0 ^ canary.key) &* 0x9e37_79b9_7f4a_7c15
        hash = ((hash ^ hash >> 32) &+ words.1) &* (canary.key | 1)
        hash = (hash ^ hash >> 29) &* 0xbf58_476d_1ce4_e5b9
        return hash >> 32 < canary.part
    }

    func steersTo(_ placement: Int) -> Bool {
        view.slot(of: placement).map(view.hasSocket) ?? false
    }

    /// The same; a slot that has no socket and is not closed is counted.
    mutating func steer(_ placement: Int) -> Bool {
        guard placement != 0, let slot = view.slot(of: placement) else { return false }
        if view.hasSocket(slot) { return true }
        decision.counts.fallback += 1
        return false
    }

    /// Pays for a datagram at a generation that drains.
    mutating func spend() -> Bool {
        guard budget > 0 else { return false }
        budget -= 1
        return true
    }

    // MARK: The table

    func isOld(_ entry: FlowEntry) -> Bool { view.ticks.isIdle(entry, at: view.now) }

    /// The live entry of a hash.
    func live(_ hash: UInt64) -> FlowEntry? {
        guard let entry = view.entry(of: hash), !isOld(entry),
            view.slot(of: entry.placement) != nil
        else { return nil }
        return entry
    }

    /// Looks for a live entry and says what came of it; 0 for none.
    mutating func touch(_ key: Decision.Step.Key, _ hash: UInt64) -> Int {
        let found = view.entry(of: hash)
        guard let entry = live(hash) else {
            let isExpired = found.map(isOld) ?? false
            note(key, found, found == nil ? .absent : isExpired ? .expired : .closed)
            return 0
        }
        note(key, entry, steersTo(entry.placement) ? .found : .noSocket)
        return entry.placement
    }

    mutating func note(
        _ key: Decision.Step.Key, _ entry: FlowEntry?, _ outcome: Decision.Step.Outcome
    ) {
        decision.steps.append(
            Decision.Step(key: key, outcome: outcome, entry: entry.map(facts)))
    }

    private func facts(_ entry: FlowEntry) -> Decision.Entry {
        let (age, limit) = (entry.age(at: view.now), view.ticks.limit(of: entry))
        let shift = entry.isCoarse ? view.ticks.shift : view.ticks.freshShift
        func time(_ count: UInt32) -> Duration { .nanoseconds(Int64(count) << Int64(shift)) }
        return Decision.Entry(
            slot: view.slot(of: entry.placement), isConfirmed: entry.isConfirmed,
            age: time(age), left: time(limit - min(age, limit)),
            counts: !view.hasAliases || entry.placement < Int(RELEVO_ALIAS))
    }

    // MARK: The payload

    /// Bytes of the payload, as the program loads them: nil where it ends before.
    mutating func load(_ at: Int, _ count: Int) -> [UInt8]? {
        guard at + count <= datagram.size else { return nil }
        if at + count > datagram.payload.count {
            decision.lacksBytes = true
            return nil
        }
        return Array(datagram.payload[at..<at + count])
    }
}
