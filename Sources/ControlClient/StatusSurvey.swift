package import ControlProtocol
package import Kernel

/// Asks many supervisors at once how their services are, and waits for none of them longer than for all.
///
/// Used by one thread, in the event loop that it is given. It ends by itself at its deadline; who lets go of it
/// before hears nothing.
package final class StatusSurvey {
    /// As many are asked at a time: each takes a descriptor, or an ssh whose server lets ten begin at once.
    private static let mostAtOnce = RemoteHost.chosen == nil ? 256 : 4
    /// How long they may take together unless somebody says otherwise: ssh begins anew for each.
    package static let patience = RemoteHost.chosen == nil ? "2s" : "20s"
    /// How soon one that takes no more connections is tried again.
    private static let pause = Duration.milliseconds(10)

    private let loop: EventLoop
    private let done: ([ServiceLook]) -> Void
    private var paths: [String]
    private var next = 0
    private var answers: [Result<ServiceStatus, ServiceLook.Failure>?]
    private var questions: [Int: Question] = [:]
    private var deadline: EventLoop.Token?
    private var left: Int

    /// - Parameters:
    ///   - paths: of control sockets.
    ///   - limit: for all of them together.
    ///   - done: called once, from the loop, with a look for each path, in their order.
    package init(
        of paths: [String], within limit: Duration, in loop: EventLoop,
        done: @escaping ([ServiceLook]) -> Void
    ) {
        self.loop = loop
        self.done = done
        self.paths = paths
        answers = Array(repeating: nil, count: paths.count)
        left = paths.count
        deadline = loop.schedule(at: MonotonicClock.now() + limit) { [unowned self] in
            deadline = nil
            finish()
        }
        // The answer never comes before the call is over.
        let first = loop.schedule(at: MonotonicClock.now()) { [unowned self] in askOn() }
        self.first = first
    }

    private var first: EventLoop.Token?

    deinit {
        for question in questions.values { question.end() }
        for token in [deadline, first] { if let token { loop.remove(token) } }
    }

    /// The same for who has no loop and waits.
    package static func looks(
        at paths: [String], within limit: Duration
    ) throws(KernelError) -> [ServiceLook] {
        let loop = try EventLoop()
        let found = Found()
        let survey = StatusSurvey(of: paths, within: limit, in: loop) {
            found.looks = $0
            loop.stop()
        }
        try loop.run()
        withExtendedLifetime(survey) {}
        return found.looks
    }

    private final class Found {
        var looks: [ServiceLook] = []
    }

    private func askOn() {
        first = nil
        while next < paths.count, questions.count < Self.mostAtOnce {
            let index = next
            next += 1
            let question = Question(paths[index], loop) { [unowned self] in take($0, of: index) }
            questions[index] = question
            question.begin()
        }
        if left == 0 { finish() }
    }

    private func take(_ answer: Result<ServiceStatus, ServiceLook.Failure>, of index: Int) {
        questions.removeValue(forKey: index)?.end()
        answers[index] = answer
        left -= 1
        // One that is refused at once must not call deeper and deeper.
        guard first == nil, left == 0 || next < paths.count else { return }
        first = loop.schedule(at: MonotonicClock.now()) { [unowned self] in askOn() }
    }

    private func finish() {
        for question in questions.values { question.end() }
        questions = [:]
        for token in [deadline, first] { if let token { loop.remove(token) } }
        (deadline, first) = (nil, nil)
        done(zip(paths, answers).map { ServiceLook(path: $0, $1 ?? .failure(.silent)) })
    }

    /// One supervisor that is asked.
    private final class Question {
        private let path: String
        private let loop: EventLoop
        private let answered: (Result<ServiceStatus, ServiceLook.Failure>) -> Void
        private var stream: ServiceStream?
        private var splitter = FrameSplitter()
        private var token: EventLoop.Token?

        init(
            _ path: String, _ loop: EventLoop,
            answered: @escaping (Result<ServiceStatus, ServiceLook.Failure>) -> Void
        ) {
            self.path = path
            self.loop = loop
            self.answered = answered
        }

        func end() {
            if let token { loop.remove(token) }
            token = nil
            stream = nil
        }

        func begin() {
            do throws(KernelError) {
                let new = try ServiceStream(to: path, nonBlocking: true)
                // A socket without anything in it takes a call of some hundred bytes whole.
                _ = try new.connection.write(ControlCall(.getStatus).frame())
                token = try loop.register(new.connection) { [unowned self] _ in read() }
                stream = new
            } catch {
                if error.isTaken { return again() }
                answered(.failure(error.isPermissionDenied ? .denied : .gone))
            }
        }

        /// Its queue is full: it may be busy, or stand still.
        private func again() {
            token = loop.schedule(at: MonotonicClock.now() + StatusSurvey.pause) {
                [unowned self] in
                token = nil
                begin()
            }
        }

        private func read() {
            let bytes: [UInt8]?
            do throws(KernelError) {
                bytes = try stream?.connection.read(upTo: 65_536)
            } catch {
                return answered(.failure(.gone))
            }
            guard let bytes else { return }
            if bytes.isEmpty { return answered(.failure(.gone)) }
            splitter.append(bytes)
            do throws(FrameError) {
                guard let frame = try splitter.next() else { return }
                answered(Self.status(in: frame))
            } catch {
                answered(.failure(.malformed))
            }
        }

        private static func status(
            in frame: [UInt8]
        ) -> Result<ServiceStatus, ServiceLook.Failure> {
            do throws(AnswerFault) {
                return .success(try ControlAnswer<StatusReply>.decode(frame).parameters.status)
            } catch {
                switch error {
                case .error(.permissionDenied), .error(.notPermitted): return .failure(.denied)
                case .error, .malformed: return .failure(.malformed)
                }
            }
        }
    }
}
