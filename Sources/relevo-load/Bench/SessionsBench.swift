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
            one a session, and looks at itself: at the kernel's table by the listener's port, and the first time at its \
            descriptors, to know which of the sockets are its own.
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
            var later: [Duration] = []
            var first = Duration.zero
            var seen = 0
            var census = SessionCensus()
            for look in 0..<looks + 1 {
                let start = ProcessorTime.ofThread()
                let found = try census.count(
                    of: [ProcessView.own], listeners: [place], ownPorts: [])
                let taken = ProcessorTime.ofThread() - start
                if look == 0 { first = taken } else { later.append(taken) }
                seen = found.connectedSockets
            }
            var report = BenchReport("sessions: \(sockets) connected sockets, \(looks) looks")
            report.bars = [
                .figure("sessions seen", "\(seen)", .count(UInt64(seen))),
                .figure("the first look, at descriptors too", first.short, .number(first.seconds)),
                .under(.milliseconds(100), "a later look, median", later.percentile(0.5)),
            ]
            withExtendedLifetime(held) {}
            try report.conclude(json: json)
        }
    }
}
