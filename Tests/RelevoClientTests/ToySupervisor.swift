import Kernel
import SystemPackage
import TestKit

@testable import RelevoClient

/// The supervisor's end of a channel, held by the test itself.
///
/// What it says lies in the worker's queue before the worker asks, so that no second thread is
/// needed: the worker numbers its requests from 1.
struct ToySupervisor: ~Copyable {
    private let end: UnixConnection
    private var workersEnd: UnixConnection?

    static let welcome = "WELCOME\nID=1\nVERSION=1\nSERVICE=echo\nGENERATION=2\nWORKER=1\nWORKERS=3"

    init() throws {
        self.init(try UnixConnectionPair(kind: .sequencedPacket, nonBlockingFirst: true))
    }

    // Apart, for Swift 6.2 compiles no initializer that fails before its parts have their values.
    private init(_ pair: consuming UnixConnectionPair) {
        end = pair.takeFirst()
        workersEnd = pair.takeSecond()
    }

    func say(_ packet: String) throws { try say(packet, DescriptorList()) }

    func say(_ packet: String, _ descriptors: borrowing DescriptorList) throws {
        guard try end.send(Array(packet.utf8), descriptors: descriptors) else {
            throw KernelError("sendmsg", .wouldBlock)
        }
    }

    /// The next packet of the worker; nil when there is none, empty when it has closed its end.
    func hear() throws -> String? {
        guard let message = try hearWithDescriptors() else { return nil }
        return String(decoding: message.bytes, as: UTF8.self)
    }

    /// The same with its descriptors.
    func hearWithDescriptors() throws -> MessageWithDescriptors? {
        try end.receive(upTo: 8192, descriptors: 64)
    }

    /// Makes the worker, which finds what it is answered in its queue already.
    mutating func worker(
        _ welcome: [String] = [ToySupervisor.welcome], within limit: Duration = .seconds(5)
    ) throws -> RelevoWorker {
        for packet in welcome { try say(packet) }
        return try start(within: limit)
    }

    /// Makes the worker when all has been said.
    mutating func start(
        joining wishes: JoinWishes = JoinWishes(), within limit: Duration = .seconds(5)
    ) throws -> RelevoWorker {
        var around = StartEnvironment()
        guard let given = workersEnd.take() else { throw KernelError("start", .invalidArgument) }
        around.channel = .descriptor(given.intoDescriptor().release())
        return try RelevoWorker(around, joining: wishes, within: limit)
    }
}

/// Makes a worker that nobody supervises.
func lonelyWorker() throws -> RelevoWorker { try RelevoWorker(StartEnvironment()) }

/// Whether the worker's program would be woken.
func isRaised(_ worker: RelevoWorker) throws -> Bool {
    try Lent(number: worker.eventDescriptor).isReadable()
}

/// A descriptor that somebody else owns and keeps open.
struct Lent: DescriptorHolder {
    let number: Int32

    func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(number)
    }
}
