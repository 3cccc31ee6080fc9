import Kernel
import TestKit

/// A UDP socket that the test holds, and servers that inherit it.
final class EchoFixture {
    let socket: DatagramSocket
    let address: String

    init(_ address: SocketAddress = .loopback()) throws {
        socket = try DatagramSocket.bound(
            to: address, options: DatagramSocketOptions(receiveBuffer: 4 << 20))
        self.address = "\(try socket.localAddress())"
    }

    /// Starts a server on the socket; what is sent before it reads waits in the queue.
    func server(_ options: String..., environment: [String] = []) throws -> TestProcess {
        var descriptors = DescriptorPlan()
        try descriptors.place(socket, at: 3)
        return try TestProcess(
            [try Programs.path("relevo-load"), "serve"] + options,
            environment: Environment.strings() + ["LISTEN_FDS=1"] + environment,
            givesOwnPID: true, descriptors: descriptors)
    }

    /// Loads the socket and waits for the result.
    func load(_ options: String...) throws -> LoadResult {
        try Load(to: address, options).result()
    }
}
