import Adoption
import ArgumentParser
import Kernel

/// `relevo-load bench sessions`.
struct SessionsBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions",
        abstract: "What one look at the sessions outside the slots takes.",
        discussion: """
            This process has many connected UDP sockets beside a listener's, as a worker has that opens \
            one a session, and looks at itself: once at its descriptors, and at the kernel's table by the \
            listener's port.
            """)

    @Option(help: ArgumentHelp("How many sockets there are.", valueName: "n"))
    var sockets = 100_000

    @Option(help: ArgumentHelp("How often it looks.", valueName: "n"))
    var looks = 10

    @Flag(help: "Print figures as JSON.")
    var json = false

    func run() throws {
        try LoadError.reported {
            try ResourceLimit.openFiles.set(
                soft: UInt64(sockets + 1000), hard: UInt64(sockets + 1000))
            let slot = try DatagramSocket.bound(to: .loopback())
            let address = try slot.localAddress()
            var held: [SharedDescriptor] = []
            let options = DatagramSocketOptions(reusePort: true, reuseAddress: true)
            try slot.setReuseAddress()
            for number in 0..<sockets {
                let one = try DatagramSocket.bound(to: address, options: options)
                let peer = SocketAddress.ipv4(
                    0x7F01_0000 + UInt32(number >> 12), port: UInt16(4096 + number & 0xFFF))
                try one.connect(to: peer)
                held.append(SharedDescriptor(one.intoDescriptor()))
            }
            let place = SocketPlace(address, v6Only: false, isStream: false)
            var own: [Duration] = []
            var counts: [Duration] = []
            var seen = 0
            for _ in 0..<looks {
                let start = ProcessorTime.ofThread()
                let inodes = SessionCensus.sockets(of: [ProcessView.own])
                let middle = ProcessorTime.ofThread()
                let found = try SessionCensus.count(inodes, listeners: [place], ownPorts: [])
                counts.append(ProcessorTime.ofThread() - middle)
                own.append(middle - start)
                seen = found.connectedSockets
            }
            var report = BenchReport("sessions: \(sockets) connected sockets, \(looks) looks")
            report.bars = [
                .figure("sessions seen", "\(seen)", .count(UInt64(seen))),
                .figure(
                    "descriptors of the worker, median", own.percentile(0.5).short,
                    .number(own.percentile(0.5).seconds)),
                .under(
                    .milliseconds(100), "the kernel's table, median", counts.percentile(0.5)),
            ]
            withExtendedLifetime(held) {}
            try report.conclude(json: json)
        }
    }
}
