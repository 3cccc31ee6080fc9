import ControlProtocol

/// What a live view shows, and what keys do to it: nothing here touches a terminal, a socket or a clock.
struct TopModel {
    /// How long one that is gone is shown on.
    static let goneFor = Duration.seconds(60)
    /// How long a message stands.
    private static let noticeFor = Duration.seconds(6)

    /// What services are sorted by; the name decides among equals.
    enum Order: String, CaseIterable {
        case name, sessions, datagrams, drops, cpu, memory
    }

    /// What may be asked of a service.
    enum Act: Equatable {
        case promote, promoteFully, hold, abort

        var word: String {
            switch self {
            case .promote: "promote"
            case .promoteFully: "promote --full"
            case .hold: "hold"
            case .abort: "abort"
            }
        }
    }

    /// What is promoted, held or aborted.
    enum Subject: Equatable {
        /// A step of a canary, and who comes to it.
        case canary(step: Int, clients: String)
        case watch

        /// Nil for a generation that is neither tried out nor watched.
        init?(_ generation: GenerationStatus) {
            if let canary = generation.canary {
                self = .canary(step: canary.step, clients: canary.clients)
            } else if generation.watch != nil {
                self = .watch
            } else {
                return nil
            }
        }
    }

    /// What is to be confirmed: it holds for this step of this canary, or for this watch, alone.
    struct Question: Equatable {
        let act: Act
        let path: String
        let name: String
        let generation: Int
        let subject: Subject

        /// What a yes asks for; a promotion of nothing that has come since.
        var request: ControlRequest {
            let step =
                switch subject {
                case .canary(let step, _): step
                case .watch: 0
                }
            return switch act {
            case .promote: .promote(full: false, generation: generation, step: step)
            case .promoteFully: .promote(full: true, generation: generation, step: step)
            case .hold: .hold
            case .abort: .abort
            }
        }

        /// What happens after a yes.
        var words: String {
            switch (subject, act) {
            case (.canary(_, let clients), _): "generation \(generation), \(clients)"
            case (.watch, .promote), (.watch, .promoteFully), (.watch, .hold):
                "generation \(generation) stays, and its watch ends"
            case (.watch, .abort): "generation \(generation), which is watched, gives way"
            }
        }
    }

    /// What a key leads to outside.
    enum Wish: Equatable {
        case quit
        case ask(ControlRequest, path: String)
    }

    /// Whether one service was named, which is shown also while it is gone.
    let isOne: Bool
    private(set) var services: [TopService] = []
    /// The path of the one whose details are shown.
    private(set) var selected: String?
    private(set) var order = Order.name
    private(set) var question: Question?
    private(set) var showsHelp = false
    /// What is being asked of a service.
    private(set) var underWay: String?
    private var notice: (text: String, until: Duration)?

    init(isOne: Bool = false) { self.isOne = isOne }

    var chosen: TopService? { services.first { $0.path == selected } }

    func notice(at time: Duration) -> String? {
        notice.flatMap { time < $0.until ? $0.text : nil }
    }

    // MARK: Looks

    /// All services were looked at.
    ///
    /// - Parameter left: what is left of services whose supervisor is gone, by their sockets' paths.
    mutating func take(_ looks: [ServiceLook], left: [String: String] = [:], at time: Duration) {
        var found: Set<String> = []
        for look in looks {
            let index = services.firstIndex { $0.path == look.path }
            switch look.answer {
            case .success(let status):
                found.insert(look.path)
                let place = index ?? add(look)
                services[place].take(status, at: time)
            case .failure(let failure):
                let isShown = isOne || index != nil || failure == .silent || failure == .malformed
                guard isShown || left[look.path] != nil else { continue }
                found.insert(look.path)
                let place = index ?? add(look)
                services[place].miss(.init(reason: failure, left: left[look.path]), at: time)
            }
        }
        for index in services.indices where !found.contains(services[index].path) {
            services[index].miss(.init(reason: .gone, left: nil), at: time)
        }
        services.removeAll { service in
            guard !isOne, left[service.path] == nil, let since = service.silentSince else {
                return false
            }
            return time - since >= Self.goneFor
        }
        sort()
        if chosen == nil { selected = services.first?.path }
        checkQuestion(at: time)
    }

    private mutating func add(_ look: ServiceLook) -> Int {
        services.append(TopService(path: look.path, name: look.name))
        return services.count - 1
    }

    private mutating func sort() {
        func figure(_ service: TopService) -> Double {
            switch order {
            case .name: 0
            case .sessions:
                service.status.map { Double($0.oldSessions &+ $0.newSessions) } ?? -1
            case .datagrams: service.rates?.datagrams ?? -1
            case .drops: service.status.map { Double($0.drops) } ?? -1
            case .cpu: service.share ?? -1
            case .memory: service.residentBytes.map(Double.init) ?? -1
            }
        }
        services = services.map { (figure($0), $0) }.sorted { one, other in
            if one.0 != other.0 { return one.0 > other.0 }
            return (one.1.name, one.1.path) < (other.1.name, other.1.path)
        }.map(\.1)
    }

    /// A question about a step that is over is none any more.
    private mutating func checkQuestion(at time: Duration) {
        guard let question else { return }
        let asked = services.first { $0.path == question.path }?.asked
        if asked?.id == question.generation, asked.flatMap(Subject.init) == question.subject {
            return
        }
        self.question = nil
        let what =
            switch question.subject {
            case .canary: "the canary of \(question.name) has moved on meanwhile"
            case .watch: "the watch over \(question.name) is over"
            }
        say("\(what): nothing was asked", at: time)
    }

    // MARK: Keys

    /// Keys that were typed one after the other. What was typed before a question was on the screen is no
    /// answer to it.
    mutating func press(_ keys: [TopKey], at time: Duration) -> Wish? {
        for key in keys {
            let before = question
            if let wish = press(key, at: time) { return wish }
            if question != nil, question != before { return nil }
        }
        return nil
    }

    private mutating func press(_ key: TopKey, at time: Duration) -> Wish? {
        if let asked = question {
            question = nil
            guard key == .character("y") || key == .character("Y") else {
                say("\(asked.act.word) \(asked.name): nothing was asked", at: time)
                return nil
            }
            underWay = "\(asked.act.word) \(asked.name)"
            return .ask(asked.request, path: asked.path)
        }
        notice = nil
        if showsHelp {
            showsHelp = false
            if key != .character("q") { return nil }
        }
        switch key {
        case .character("q"): return .quit
        case .character("?"): showsHelp = true
        case .character("s"): sort(by: 1, at: time)
        case .character("S"): sort(by: Order.allCases.count - 1, at: time)
        case .character("p"): ask(.promote, at: time)
        case .character("P"): ask(.promoteFully, at: time)
        case .character("h"): ask(.hold, at: time)
        case .character("a"): ask(.abort, at: time)
        case .up, .character("k"): move(by: -1)
        case .down, .character("j"): move(by: 1)
        case .pageUp: move(by: -10)
        case .pageDown: move(by: 10)
        case .home: move(by: -services.count)
        case .end: move(by: services.count)
        case .escape, .character: break
        }
        return nil
    }

    private mutating func sort(by step: Int, at time: Duration) {
        let all = Order.allCases
        let place = all.firstIndex(of: order) ?? 0
        order = all[(place + step) % all.count]
        sort()
        say("sorted by \(order.rawValue)", at: time)
    }

    private mutating func move(by step: Int) {
        guard let place = services.firstIndex(where: { $0.path == selected }) else { return }
        selected = services[min(max(place + step, 0), services.count - 1)].path
    }

    private mutating func ask(_ act: Act, at time: Duration) {
        guard let service = chosen else { return say("there is no service", at: time) }
        guard underWay == nil else { return say("\(underWay ?? "") is under way", at: time) }
        guard let generation = service.asked, let subject = Subject(generation) else {
            let what = act == .hold ? "canary" : "canary and no watch"
            return say("\(service.name) has no \(what) to \(act.word)", at: time)
        }
        if act == .hold, subject == .watch {
            return say("\(service.name) is watched: there is no step to hold", at: time)
        }
        question = Question(
            act: act, path: service.path, name: service.name, generation: generation.id,
            subject: subject)
    }

    // MARK: Answers

    /// What was asked is done, or was refused for this reason.
    mutating func answered(_ refusal: String?, at time: Duration) {
        guard let asked = underWay else { return }
        underWay = nil
        say(refusal.map { "\(asked): \($0)" } ?? "\(asked): done", at: time)
    }

    mutating func say(_ text: String, at time: Duration) {
        notice = (text, time + Self.noticeFor)
    }
}

extension TopService {
    /// The generation that promote, hold and abort are about; none of one that does not answer.
    fileprivate var asked: GenerationStatus? {
        trouble == nil ? status?.canary ?? status?.watched : nil
    }
}

extension ServiceLook.Failure {
    /// Why there are no figures.
    var words: String {
        switch self {
        case .gone: "its supervisor is gone"
        case .denied: "it may not be asked by this user"
        case .silent: "its supervisor does not answer"
        case .malformed: "its supervisor's answer is not understood"
        }
    }
}
