import ControlProtocol
import HandoverCore
import Kernel
import ServiceCore
import Settings
import Steering

/// Where datagrams would go.
extension Shell {
    /// What would become of one datagram that came now. It changes nothing.
    func explanation(of question: DatagramQuestion) -> DatagramExplanation {
        let listeners = shown
        let choice = ListenerChoice(candidates: listeners.map(\.candidate))
        do throws(ListenerChoice.Problem) {
            let peer = try Self.address(question.from)
            let (index, local) = try choice.choice(
                from: peer, to: try question.to.map(Self.address), named: question.listener)
            guard let flow = FlowTuple(peer: peer, local: local) else {
                throw ListenerChoice.Problem(text: "\(peer) and \(local) are not of one family")
            }
            let decision = listeners[index].steering.explain(
                ExplainedDatagram(flow, payload: question.payload, size: question.size))
            return DatagramExplanation(decision, at: listeners[index]) { slot in
                place(SlotID(listener: listeners[index].number, number: slot))
            }
        } catch {
            return DatagramExplanation(problem: error.text)
        }
    }

    private static func address(
        _ text: String
    ) throws(ListenerChoice.Problem) -> SocketAddress {
        guard let address = SocketAddress(text), address.port > 0 else {
            throw ListenerChoice.Problem(text: "'\(text)' is not an address with a port")
        }
        return address
    }

    /// Who reads a slot.
    func place(_ id: SlotID) -> SlotPlace {
        let service = conductor.service
        for generation in service.machine.generations {
            let workers = service.banks[generation.id]?.slots ?? []
            guard let worker = workers.firstIndex(where: { $0.joined().contains { $0.id == id } })
            else { continue }
            return SlotPlace(
                slot: id.number, generation: generation.id.number, worker: worker,
                state: generation.phase.rawValue)
        }
        return SlotPlace(slot: id.number)
    }
}

extension Listener {
    /// As a datagram finds it.
    fileprivate var candidate: ListenerChoice.Candidate {
        ListenerChoice.Candidate(
            text: "\(settings.address)", name: name, address: address,
            isDual: address.isIPv6 && v6Only != true, isDatagram: settings.address.transport == .udp
        )
    }
}

extension DatagramExplanation {
    fileprivate init(
        _ decision: Decision, at listener: Listener, place: (Int) -> SlotPlace
    ) {
        self.init(
            listener: "\(listener.settings.address)",
            steering: listener.steering.setup.shownName,
            form: decision.form.isEmpty ? nil : decision.form, rule: decision.rule.rawValue,
            place: decision.slot.map(place),
            candidates: decision.candidates.isEmpty ? nil : decision.candidates.map(place),
            canary: decision.isCanarys, incomplete: decision.lacksBytes,
            steps: decision.steps.map { ExplanationStep($0, place: place) })
    }
}

extension ExplanationStep {
    fileprivate init(_ step: Decision.Step, place: (Int) -> SlotPlace) {
        let (key, bytes): (String, [UInt8]?) =
            switch step.key {
            case .id(let id): ("id", id)
            case .seal(let id): ("seal", id)
            case .owner(let id): ("owner", id)
            case .handshake: ("handshake", nil)
            case .tuple: ("tuple", nil)
            case .address: ("address", nil)
            case .guess: ("guess", nil)
            }
        self.init(
            key: key, bytes: bytes.map { Hex.text($0) }, outcome: step.outcome.rawValue,
            place: step.entry?.slot.map(place), confirmed: step.entry?.isConfirmed,
            ageSeconds: step.entry?.age.seconds, secondsLeft: step.entry?.left.seconds,
            counted: step.entry?.counts)
    }
}
