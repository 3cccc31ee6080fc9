import ControlProtocol
import Kernel

/// The datagrams of a capture, as questions.
struct ExplainedCapture {
    /// A capture that is larger has to be cut first.
    private static let mostBytes = 256 << 20
    /// In one call.
    private static let portion = 32

    private(set) var questions: [DatagramQuestion] = []
    private(set) var packets = 0
    /// Packets that are no datagrams with ports, by why.
    private(set) var left: [String: Int] = [:]
    private(set) var isCut = false
    private(set) var isLimited = false

    init(of path: String, limit: Int, listener: String?) throws(Failure) {
        let bytes: [UInt8]
        do throws(KernelError) {
            bytes = try readStart(of: path, atMost: Self.mostBytes + 1)
        } catch {
            throw Failure(error)
        }
        guard bytes.count <= Self.mostBytes else {
            throw Failure(
                .failed,
                "\(path): it is larger than \(Self.mostBytes >> 20) MiB; cut it (editcap -c)")
        }
        do throws(PacketCapture.Mistake) {
            take(try PacketCapture(bytes), limit: limit, listener)
        } catch {
            throw Failure(.failed, "\(path): \(error.text)")
        }
    }

    private mutating func take(_ capture: PacketCapture, limit: Int, _ listener: String?) {
        isCut = capture.isCut
        for packet in capture.packets {
            guard questions.count < limit else {
                isLimited = true
                return
            }
            packets += 1
            do throws(CapturedDatagram.Reason) {
                let found = try CapturedDatagram(packet)
                questions.append(DatagramQuestion(found, listener: listener))
            } catch {
                left[error.text, default: 0] += 1
            }
        }
    }

    /// What is to be said of the whole.
    func remarks(explained: Int, strangers: Int) -> [String] {
        var parts = ["\(packets) packets, \(explained) datagrams explained"]
        if strangers > 0 { parts.append("\(strangers) that come to no listener") }
        parts += left.sorted { $0.key < $1.key }.map { "\($0.value) left out (\($0.key))" }
        if isLimited { parts.append("the rest not looked at (--limit)") }
        if isCut { parts.append("the file ends in the middle of a packet") }
        return [parts.joined(separator: ", ")]
    }

    /// Asks the service; answers come in the order of the questions.
    static func ask(
        _ questions: [DatagramQuestion], _ service: ServiceOptions
    ) throws(Failure) -> [DatagramExplanation] {
        let connection = try ServiceConnection.open(service, toAct: false)
        return try ask(questions, on: connection)
    }

    static func ask(
        _ questions: [DatagramQuestion], on connection: ControlConnection
    ) throws(Failure) -> [DatagramExplanation] {
        var answers: [DatagramExplanation] = []
        var rest = questions[...]
        while !rest.isEmpty {
            let some = Array(rest.prefix(portion))
            try connection.send(ControlCall(.explain(some)))
            let reply = try connection.reply(as: ExplainReply.self, within: .seconds(10))
            let found = reply.parameters.explanations
            guard found.count == some.count else {
                throw Failure(.failed, "the supervisor's answer is not understood")
            }
            answers += found
            rest = rest.dropFirst(some.count)
        }
        return answers
    }
}

extension DatagramQuestion {
    init(_ found: CapturedDatagram, listener: String?) {
        self.init(
            payload: Array(found.payload.prefix(Self.mostBytes)), size: found.size,
            from: "\(found.from)", to: "\(found.to)", listener: listener)
    }
}
