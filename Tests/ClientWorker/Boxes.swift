import Kernel
import RelevoClient

/// A descriptor that somebody else owns and keeps open.
struct Lent: DescriptorHolder {
    let number: Int32

    func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(number)
    }
}

/// A socket that can be kept in an array.
final class DatagramSocketBox {
    let socket: DatagramSocket

    init(_ number: CInt) { socket = DatagramSocket(adopting: OwnedDescriptor(adopting: number)) }
}

/// A link that can be kept in an array.
final class LinkBox {
    var link: Link
    var token: EventLoop.Token?

    init(_ link: consuming Link) { self.link = link }

    /// What has come next, in words.
    func next() throws(RelevoError) -> String? {
        try link.receive { received, bytes in
            let text = String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
            switch received {
            case .datagram(let datagram):
                let source = datagram.source.map { "\($0)" } ?? "nobody"
                let target = datagram.destination.map { "\($0)" } ?? "nowhere"
                return "\(source) to \(target) at \(datagram.received): \(text)"
            case .message(let descriptors):
                let contents = descriptors.map { number in
                    let file = MemoryFile(adopting: OwnedDescriptor(adopting: number))
                    return String(decoding: (try? file.contents()) ?? [], as: UTF8.self)
                }
                return "message \(text) \(contents)"
            }
        }
    }
}
