import Kernel
import SystemPackage
import TestKit
import Testing

@Suite(.leavesNoDescriptors) struct DatagramSocketTests {
    @Test(arguments: [SocketAddress.loopback(), .loopback6()])
    func aDatagramArrivesWithItsSource(_ local: SocketAddress) throws {
        let server = try DatagramSocket.bound(to: local, options: .alone)
        let client = try DatagramSocket.bound(to: local, options: .alone)
        try client.send([1, 2, 3], to: server.localAddress())
        let received = try #require(try server.receive(within: .seconds(5)))
        #expect(received.bytes == [1, 2, 3])
        #expect(received.source == (try client.localAddress()))
        #expect(try server.receive() == nil)
    }

    @Test func aReuseportGroupSharesOneAddress() throws {
        let first = try DatagramSocket.bound(to: .loopback())
        let second = try DatagramSocket.bound(to: first.localAddress())
        #expect(try first.localAddress() == (try second.localAddress()))
        #expect(try first.inode() != (try second.inode()))
        #expect(try first.cookie() != (try second.cookie()))
        let address = try first.localAddress()
        let error = #expect(throws: KernelError.self) {
            _ = try DatagramSocket.bound(to: address, options: .init(reusePort: false))
        }
        #expect(error == KernelError("bind", .addressInUse, on: "\(address)"))
    }

    @Test func classicSteeringAttachedBeforeBindingPicksTheSlot() throws {
        let first = try DatagramSocket(for: .loopback())
        // "return 1": the second socket in bind order.
        try first.attachSteering(instructions: [ClassicInstruction(code: 0x06, operand: 1)])
        try first.bind(to: .loopback())
        let address = try first.localAddress()
        let second = try DatagramSocket.bound(to: address)
        for number in UInt8(0)..<20 {
            let client = try DatagramSocket.bound(to: .loopback(), options: .alone)
            try client.send([number], to: address)
            #expect(try second.receive(within: .seconds(5))?.bytes == [number])
        }
        #expect(try !first.isReadable())
        try first.detachSteering()
        #expect(throws: KernelError.self) { try first.detachSteering() }
    }

    @Test func aFullReceiveBufferShowsAsDrops() throws {
        let server = try DatagramSocket.bound(
            to: .loopback(), options: .init(reusePort: false, receiveBuffer: 4096))
        let client = try DatagramSocket.bound(to: .loopback(), options: .alone)
        let address = try server.localAddress()
        for _ in 0..<100 { try client.send([UInt8](repeating: 7, count: 500), to: address) }
        let memory = try server.memory()
        #expect(memory.drops > 0)
        #expect(memory.receiveAllocated > 0)
        let queued = try server.discardQueue()
        #expect(queued + Int(memory.drops) == 100)
        #expect(try server.memory().receiveAllocated == 0)
    }

    @Test func theReceiveBufferIsToldInTheUnitsItIsAskedIn() throws {
        let socket = try DatagramSocket.bound(
            to: .loopback(), options: .init(reusePort: false, receiveBuffer: 65_536))
        #expect(try socket.receiveBuffer() == 65_536)
        #expect(try socket.growReceiveBuffer(to: 131_072) == 131_072)
    }

    @Test(.enabled(if: canPlanFaults, "needs a debug build"))
    func whereThePrivilegeIsMissingTheReceiveBufferIsCapped() throws {
        #if DEBUG
            let socket = try DatagramSocket.bound(to: .loopback(), options: .alone)
            let reached = try FaultPlan.failing(call: 1, with: .notPermitted) {
                let granted = try socket.growReceiveBuffer(to: 1 << 30)
                #expect(granted < 1 << 30)
            }
            #expect(reached)
        #endif
    }

    @Test func aRefusalByThePeerIsAnError() throws {
        let address = try DatagramSocket.bound(to: .loopback(), options: .alone).localAddress()
        let client = try DatagramSocket.bound(to: .loopback(), options: .alone)
        try client.connect(to: address)
        try client.send([1])
        let error = #expect(throws: KernelError.self) { try client.receive(within: .seconds(5)) }
        #expect(error?.errno == .connectionRefused)
        try client.send([1])
        #expect(try client.wait(for: .readable, within: .seconds(5)))
        #expect(try client.takeError()?.errno == .connectionRefused)
        #expect(try client.takeError() == nil)
    }

    @Test func socketsAreBornBlockingAndTheFlagIsSharedByDuplicates() throws {
        let socket = try DatagramSocket.bound(to: .loopback(), options: .alone)
        let twin = try socket.duplicate()
        #expect(try flags(of: socket) & 0o4000 == 0)
        try twin.setNonBlocking(true)
        #expect(try flags(of: socket) & 0o4000 == 0o4000)
    }

    @Test func aQueueOutlivesOneOfTwoDescriptors() throws {
        let keeper = try DatagramSocket.bound(to: .loopback(), options: .alone)
        let client = try DatagramSocket.bound(to: .loopback(), options: .alone)
        do {
            let worker = try keeper.duplicate()
            try client.send([9], to: worker.localAddress())
            _ = consume worker
        }
        #expect(try keeper.receive(within: .seconds(5))?.bytes == [9])
    }

    @Test(
        .enabled(if: canPlanFaults, "needs a debug build"),
        arguments: [Errno.noMemory, .notPermitted])
    func aFailureAtAnyCallLeavesNothingOpen(_ errno: Errno) throws {
        let calls = try sweepFailures(with: errno) {
            let socket = try DatagramSocket.bound(
                to: .loopback6(),
                options: .init(
                    receiveBuffer: 4096, sendBuffer: 4096, v6Only: true))
            _ = try socket.duplicate()
        }
        #expect(calls >= 7)
    }

    private func flags(of holder: borrowing some DescriptorHolder & ~Copyable) throws -> Int {
        let number = holder.withRaw { $0 }
        let text = String(
            decoding: try readFile("/proc/thread-self/fdinfo/\(number)"), as: UTF8.self)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("flags:") })
        return try #require(Int(line.split(separator: "\t").last ?? "", radix: 8))
    }
}
