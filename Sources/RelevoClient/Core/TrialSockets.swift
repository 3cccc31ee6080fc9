internal import CRelevoClient

/// The sockets of a trial, on ports of their own on loopback, closed with it.
final class TrialSockets {
    private(set) var numbers: [Int32] = []
    private let home: InternetAddress

    init(_ home: InternetAddress) { self.home = home }

    deinit {
        for number in numbers where number >= 0 { relevo_sys_close(number) }
    }

    /// Keeps it until the trial is over.
    @inline(never)
    func keep(_ number: Int32) -> Int32 {
        numbers.append(number)
        return number
    }

    @inline(never)
    func close(_ number: Int32) {
        for index in 0..<numbers.count where numbers[index] == number {
            relevo_sys_close(number)
            numbers[index] = -1
        }
    }

    /// A socket that sends, at an address of its own.
    @inline(never)
    func sender() throws(RelevoError) -> Int32 {
        let number = keep(try check(.accept, relevo_sys_socket(Int32(home.family), 0)))
        var place = home.raw
        try check(.accept, unsafe relevo_sys_bind(number, &place))
        return number
    }

    /// A member of the group at this address; port 0 makes a new one.
    @inline(never)
    func member(_ address: InternetAddress) throws(RelevoError) -> Int32 {
        let number = keep(try check(.accept, relevo_sys_socket(Int32(address.family), 0)))
        var place = address.raw
        // For port 0 a member may be given the port of another group of this user.
        if address.port != 0 { try check(.accept, relevo_sys_share_port(number)) }
        try check(.accept, unsafe relevo_sys_bind(number, &place))
        if address.port == 0 { try check(.accept, relevo_sys_share_port(number)) }
        return number
    }

    @inline(never)
    static func address(of number: Int32) throws(RelevoError) -> InternetAddress {
        var raw = relevo_sys_address()
        try check(.accept, unsafe relevo_sys_local(number, &raw))
        guard let address = InternetAddress(raw) else { throw RelevoError(.accept, .malformed) }
        return address
    }

    /// Sends one datagram from each, and tells for each which of the receivers got it: its place
    /// among them, or nil when none did within a fifth of a second.
    func send(
        from senders: [Int32], to port: UInt16, receivers: [Int32]
    ) throws(RelevoError) -> [Int?] {
        var target = home.raw
        target.port = port
        var ports: [UInt16] = []
        for sender in senders {
            ports.append(try Self.address(of: sender).port)
            var byte: UInt8 = 0
            let sent = unsafe relevo_sys_send(sender, &byte, 1, &target)
            if sent < 0 { throw RelevoError(.accept, .system(Int32(-sent))) }
        }
        var found = [Int?](repeating: nil, count: senders.count)
        var left = senders.count
        let deadline = relevo_sys_monotonic() + 200_000_000
        repeat {
            for place in 0..<receivers.count {
                var byte: UInt8 = 0
                var source = relevo_sys_address()
                while unsafe relevo_sys_receive(receivers[place], &byte, 1, &source) >= 0 {
                    for index in 0..<ports.count where ports[index] == source.port {
                        found[index] = place
                        left -= 1
                    }
                }
            }
        } while left > 0 && relevo_sys_monotonic() < deadline
        return found
    }
}
