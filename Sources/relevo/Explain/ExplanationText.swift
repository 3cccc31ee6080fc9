import ControlProtocol
import Settings

/// An explanation for people: a block of lines for each datagram.
struct ExplanationText {
    let styled: Bool
    let width: Int?

    func lines(_ question: DatagramQuestion, _ answer: DatagramExplanation) -> [String] {
        let size = question.size ?? question.payload.count
        let way = [question.from, question.to].compactMap { $0 }.joined(separator: " to ")
        let title = "\(way), \(size) bytes"
        var lines = [styled ? Style.bold.applied(to: title) : title]
        if let problem = answer.problem { return lines + wrap("  ", problem) }
        func add(_ name: String, _ text: String?) {
            guard let text else { return }
            let label = "  " + name + String(repeating: " ", count: max(1, 10 - name.count))
            lines += wrap(label, text)
        }
        add("listener", answer.listener.map { "\($0), \(answer.steering ?? "?")" })
        add("read as", answer.form.map(StatusText.printable))
        add("goes to", Self.target(answer))
        add("because", Self.reason(answer))
        for (number, step) in (answer.steps ?? []).enumerated() {
            add(number == 0 ? "looked at" : "", "\(number + 1). \(Self.step(step))")
        }
        if answer.incomplete == true {
            add(
                "note",
                "the bytes that were captured end before what is read: of the whole datagram it may be "
                    + "otherwise")
        }
        return lines
    }

    private func wrap(_ label: String, _ text: String) -> [String] {
        let indent = String(repeating: " ", count: label.count)
        guard let width, label.count + text.count > width else { return [label + text] }
        return text.wrapped(at: max(width - label.count, 20)).enumerated().map { index, line in
            (index == 0 ? label : indent) + line
        }
    }

    private static func target(_ answer: DatagramExplanation) -> String {
        let canary = answer.canary == true ? ", as the client is one of the canary's share" : ""
        if let place = answer.place { return self.place(place) + canary }
        let candidates = (answer.candidates ?? []).map(self.place)
        if candidates.isEmpty { return "any socket of the group: the kernel picks" }
        if answer.rule == "copied" { return "each of " + candidates.joined(separator: "; ") }
        return "one of " + candidates.joined(separator: "; ") + canary
    }

    static func place(_ place: SlotPlace) -> String {
        guard let generation = place.generation, let worker = place.worker else {
            return "slot \(place.slot), which no generation has"
        }
        let state = place.state.map { " (\($0))" } ?? ""
        return "generation \(generation)\(state), worker \(worker), slot \(place.slot)"
    }

    private static func reason(_ answer: DatagramExplanation) -> String? {
        guard let rule = answer.rule else { return nil }
        let words =
            switch rule {
            case "id": "the session's id is known"
            case "owner": "its id tells its worker"
            case "handshake": "it is part of a handshake that is known"
            case "tuple": "its 4-tuple (addresses and ports) is known"
            case "opens":
                "nothing that is known fits, and it may begin a session: new ones are the current generation's"
            case "beside":
                "it begins a session, which is the current generation's, though those of its 4-tuple are an older one's"
            case "hint": "its id is not known; the last session of its client's address is there"
            case "copied": "nothing tells whose it is: each worker that may know it gets a copy"
            case "guess": "its id is not known; the generation that drains has more sessions"
            case "unknown": "nothing tells whose it is: the current generation"
            case "stateless":
                "nothing is remembered; the kernel's hash of the addresses picks the slot"
            case "passed": "no slot that new sessions go to has a socket"
            default: "of a rule that this relevo does not know"
            }
        return "\(words) (\(rule))"
    }

    private static func step(_ step: ExplanationStep) -> String {
        let key =
            switch step.key {
            case "id": "id \(step.bytes ?? "") (\((step.bytes ?? "").count / 2) bytes)"
            case "seal": "id \(step.bytes ?? "") as the workers' library makes them"
            case "owner": "\(step.bytes ?? "") as what tells a worker"
            case "handshake": "handshake"
            case "tuple": "4-tuple"
            case "address": "client's address"
            case "guess": "generation with more sessions"
            default: step.key
            }
        let outcome =
            switch step.outcome {
            case "found": "found"
            case "absent": "not known"
            case "expired": "was known too long ago"
            case "closed": "was of a slot that has been given up"
            case "noSocket": "its slot has no socket"
            case "noBudget":
                "leads to a generation that drains, and no more may be guessed this second"
            default: step.outcome
            }
        return (["\(key): \(outcome)"] + entry(step)).joined(separator: ", ")
    }

    private static func entry(_ step: ExplanationStep) -> [String] {
        guard let age = step.ageSeconds, let left = step.secondsLeft else { return [] }
        var words: [String] = []
        if let place = step.place, let generation = place.generation, let worker = place.worker {
            words.append("leads to \(generation).\(worker)")
        }
        words.append(age < 0.001 ? "seen just now" : "seen \(TimeText.short(age)) ago")
        if step.confirmed == false { words.append("not confirmed yet") }
        if step.outcome != "expired" { words.append("forgotten in \(TimeText.short(left))") }
        if step.counted == false { words.append("not counted by a drain") }
        return words
    }
}
