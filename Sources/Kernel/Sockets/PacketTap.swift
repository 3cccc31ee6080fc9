import CKernel
import Glibc

/// Hears packets of all interfaces of this network namespace, as they come (CAP_NET_RAW).
package struct PacketTap: ~Copyable, DescriptorHolder {
    private let descriptor: OwnedDescriptor

    /// - Parameter filter: says of each packet, which begins with the header of its network, how many bytes are
    ///   wanted.
    /// - Throws: EPERM without the capability.
    package init(_ filter: [ClassicInstruction]) throws(KernelError) {
        // Of no protocol nothing is heard until the filter is there.
        let made = try createSocket(AF_PACKET, SOCK_DGRAM, nonBlocking: true)
        try made.attachFilter(filter)
        let number = made.number
        _ = try check("bind", on: "all interfaces") { relevo_hear_packets(number) }
        descriptor = made
    }

    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try descriptor.withRaw(body)
    }

    /// The next packet from the header of its network on; nil where none waits.
    package borrowing func receive() throws(KernelError) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let number = descriptor.number
        let count = try checkUnlessBlocked("recv") {
            unsafe bytes.withUnsafeMutableBytes {
                unsafe recv(number, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
            }
        }
        return count.map { Array(bytes.prefix($0)) }
    }

    /// Throws away what waits, so that the next one is fresh; a bounded number.
    package borrowing func discard() throws(KernelError) {
        let number = descriptor.number
        for _ in 0..<10_000 {
            let taken = try checkUnlessBlocked("recv") { recv(number, nil, 0, Int32(MSG_DONTWAIT)) }
            if taken == nil { return }
        }
    }
}

/// Filters for a `PacketTap`.
package enum PacketFilter {
    private static let (word, half, byte): (UInt16, UInt16, UInt16) = (0x20, 0x28, 0x30)
    private static let (halfIndexed, headerLength): (UInt16, UInt16) = (0x48, 0xb1)
    private static let (ifEqual, ifAnySet, giveBack): (UInt16, UInt16, UInt16) = (0x15, 0x45, 0x06)
    /// What is known of a packet beside its bytes (linux/filter.h, SKF_AD_OFF).
    private static let (networkKind, packetKind): (UInt32, UInt32) = (0xffff_f000, 0xffff_f004)
    /// On its way out: on the loopback interface each packet goes out and comes in.
    private static let outgoing: UInt32 = 4

    /// UDP datagrams that come to these ports; of those in fragments the first one. Of IPv6 those without headers
    /// between.
    package static func datagrams(to ports: [UInt16]) -> [ClassicInstruction] {
        precondition(1...100 ~= ports.count, "from 1 to 100 ports")
        func make(
            _ code: UInt16, _ operand: UInt32, _ whenTrue: Int = 0, _ whenFalse: Int = 0
        ) -> ClassicInstruction {
            ClassicInstruction(
                code: code, whenTrue: UInt8(whenTrue), whenFalse: UInt8(whenFalse),
                operand: operand)
        }
        // Each way ends behind the ports, where one that is wanted goes on to the last instruction but one.
        func choice(_ load: [ClassicInstruction]) -> [ClassicInstruction] {
            load
                + ports.enumerated().map { at, port in
                    make(ifEqual, UInt32(port), ports.count - at, 0)
                } + [make(giveBack, 0), make(giveBack, 0xffff)]
        }
        let four =
            [make(byte, 9), make(ifEqual, 17, 1, 0), make(giveBack, 0)]
            + [make(half, 6), make(ifAnySet, 0x1fff, 0, 1), make(giveBack, 0)]
            + choice([make(headerLength, 0), make(halfIndexed, 2)])
        let six =
            [make(byte, 6), make(ifEqual, 17, 1, 0), make(giveBack, 0)] + choice([make(half, 42)])
        return [
            make(word, packetKind), make(ifEqual, outgoing, 0, 1), make(giveBack, 0),
            make(word, networkKind), make(ifEqual, 0x86dd, 0, six.count),
        ] + six + [make(ifEqual, 0x0800, 1, 0), make(giveBack, 0)] + four
    }
}
