import ControlProtocol
import Kernel
import TestKit

/// The exporter as systemd starts it, on a socket that is there already, with a folder of services of its own.
final class Exporting {
    let address: SocketAddress
    private let process: TestProcess
    private let folder: TemporaryFolder
    private var services: [AnsweringSocket] = []

    init(_ options: String..., services names: [String] = []) throws {
        folder = try TemporaryFolder()
        let listener = try StreamListener.bound(
            to: .loopback(), options: StreamListenerOptions(reusePort: false))
        address = try listener.localAddress()
        var descriptors = DescriptorPlan()
        try descriptors.place(listener, at: 3)
        try makeFolders(folder.file("relevo"))
        process = try TestProcess(
            [try Programs.path("relevo-exporter")] + options,
            environment: ["LISTEN_FDS=1", "RUNTIME_DIRECTORY=\(folder.file("relevo"))"],
            givesOwnPID: true, descriptors: descriptors)
        for name in names { try add(name) { Self.answer(name, $0) } }
    }

    /// A service whose supervisor does this with who connects.
    func add(
        _ name: String, _ answer: @escaping @Sendable (borrowing UnixConnection) -> Void
    ) throws {
        try makeFolders(folder.file("relevo/\(name)"))
        services.append(
            try AnsweringSocket(at: folder.file("relevo/\(name)/control"), answer))
    }

    static func answer(_ name: String, _ client: borrowing UnixConnection) {
        let status = ServiceStatus(
            name: name, pid: 1, current: nil, listeners: [], generations: [])
        AnsweringSocket.answer(ControlReply.status(status).frame(), client)
    }

    /// Resident memory in bytes.
    func memory() throws -> Int {
        let fields = try ProcessView.line("statm", of: process.pid).split(separator: 0x20)
        return (Int(String(decoding: fields[1], as: UTF8.self)) ?? 0) * 4096
    }

    func client() throws -> Client { try Client(to: address) }

    /// One request with these fields.
    func get(_ path: String, _ fields: String..., method: String = "GET") throws -> Answer {
        let client = try client()
        try client.send(
            ["\(method) \(path) HTTP/1.1", "Host: a"] + fields + ["", ""])
        return try client.answer()
    }
}

/// A connection to it.
struct Client: ~Copyable {
    private let connection: StreamConnection

    init(to address: SocketAddress) throws { connection = try StreamConnection(to: address) }

    func send(_ lines: [String]) throws { try send(lines.joined(separator: "\r\n")) }

    func send(_ text: String) throws { try connection.writeAll(Array(text.utf8)) }

    /// All that comes until the other side ends the connection.
    func answer(within limit: Duration = .seconds(20)) throws -> Answer {
        let deadline = MonotonicClock.now() + limit
        var bytes: [UInt8] = []
        while true {
            guard try connection.wait(for: .readable, within: deadline - MonotonicClock.now())
            else { throw NoEnd() }
            do throws(KernelError) {
                guard let more = try connection.read(upTo: 65_536), !more.isEmpty else { break }
                bytes += more
            } catch {
                guard error.isPeerGone else { throw error }
                break
            }
        }
        return Answer(bytes)
    }
}

struct NoEnd: Error {}

/// What came back.
struct Answer {
    let status: Int?
    let fields: [String]
    let body: [String]

    init(_ bytes: [UInt8]) {
        let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
            .map { String(decoding: $0.last == 0x0d ? $0.dropLast() : $0, as: UTF8.self) }
        let head = lines.prefix { !$0.isEmpty }
        status = head.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        fields = Array(head.dropFirst())
        body = Array(lines.dropFirst(head.count + 1))
    }
}
