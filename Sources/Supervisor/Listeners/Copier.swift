import Kernel
import Steering
import SystemPackage

/// Sends datagrams with the addresses that they came with (CAP_NET_RAW); all listeners of a service use one.
final class CopySender {
    private let v4: PacketSender
    /// nil on a machine without IPv6.
    private let v6: PacketSender?
    /// Memory is taken as datagrams fill it.
    fileprivate let batch = DatagramBatch(capacity: 8, datagramSize: 65_536)
    private var fragments: UInt32 = 0

    /// - Throws: EPERM without the capability.
    init() throws(KernelError) {
        v4 = try PacketSender(isIPv6: false)
        do throws(KernelError) {
            v6 = try PacketSender(isIPv6: true)
        } catch {
            guard error.errno == .addressFamilyNotSupported else { throw error }
            v6 = nil
        }
    }

    /// Sends one copy for each mark, in pieces where a packet may not be so large there.
    fileprivate func send(
        _ copy: borrowing DatagramCopy, _ marks: [CopyMark]
    ) throws(KernelError) {
        for mark in marks {
            do throws(KernelError) {
                try send(copy.packets(mark), to: copy.flow.local)
            } catch {
                guard error.errno == .messageTooLong else { throw error }
                fragments &+= 1
                // No link that carries IPv6 takes less.
                try send(copy.packets(mark, most: 1280, number: fragments), to: copy.flow.local)
            }
        }
    }

    private func send(_ packets: [[UInt8]], to address: SocketAddress) throws(KernelError) {
        for packet in packets {
            if address.isIPv6 {
                try v6?.send(packet, to: address)
            } else {
                try v4.send(packet, to: address)
            }
        }
    }
}

/// Copies what a listener's program hands over, so that each worker gets it that may know its session.
///
/// Its socket is of the listener's group, and kept for the next supervisor like the slots' are: what waits in it
/// is copied then. While there is none the program hands over what is left of one second, and goes on without.
final class Copier {
    /// Not one of the workers'.
    let slot: Slot
    private let socket: DatagramSocket
    private let sender: CopySender
    private let loop: EventLoop
    private var token: EventLoop.Token?
    /// What a datagram's session is steered by, and the port that it was sent to.
    private let steering: Steering
    private let port: UInt16
    /// Of which no copy could be sent, and why the last one.
    private(set) var lost = 0
    private var flows: CopiedFlows
    private(set) var fault: String?

    init(
        _ slot: Slot, _ sender: CopySender, _ steering: Steering, port: UInt16, in loop: EventLoop
    ) throws {
        self.slot = slot
        self.sender = sender
        self.steering = steering
        self.port = port
        flows = CopiedFlows(idleTimeout: steering.setup.idleTimeout)
        self.loop = loop
        socket = DatagramSocket(adopting: try slot.duplicate())
        try socket.reportLocalAddresses()
        try socket.reportTrafficClass()
        try steering.place(copier: socket)
        token = try loop.register(socket) { [unowned self] _ in copySome() }
    }

    deinit { if let token { loop.remove(token) } }

    /// Sessions that go on of which only copies tell.
    func countSessions() -> Int { flows.count(at: MonotonicClock.now()) }

    /// A few datagrams: what waits besides has its turn in the next pass.
    private func copySome() {
        do {
            let batch = sender.batch
            for index in 0..<(try batch.receive(from: socket)) { copy(index) }
        } catch {
            fault = "\(error)"
        }
    }

    private func copy(_ index: Int) {
        let batch = sender.batch
        guard let peer = batch[peer: index], var local = batch[local: index] else { return }
        local.port = port
        guard
            let copy = DatagramCopy(
                from: peer, to: local, trafficClass: batch.trafficClass(of: index),
                payload: batch[bytes: index])
        else { return }
        flows.hear(copy.flow, at: MonotonicClock.now())
        do throws(KernelError) {
            try sender.send(copy, steering.marks(for: copy.flow))
        } catch {
            lost += 1
            fault = "\(error)"
        }
    }
}
