extension SupervisorMessage {
    /// Room for the lines that are the same in each packet.
    private static let room = ChannelLimits.longestPacket - 512

    /// A welcome in as many packets as it takes, each with the numbers of sockets and kept descriptors in it.
    ///
    /// There is room for the seals of the sockets, which they may be given later.
    package static func packets(
        _ welcome: Welcome, sockets: [WelcomeSocket], stored: [String]
    ) -> [Welcome] {
        var packets: [Welcome] = []
        var packet = welcome
        var bytes = 0
        func fits(_ line: Int) -> Bool {
            packet.sockets.count + packet.stored.count < ChannelLimits.mostDescriptors
                && bytes + line <= room
        }
        func close() {
            packet.isLast = false
            packets.append(packet)
            packet = welcome
            bytes = 0
        }
        for socket in sockets {
            let line = socket.text.utf8.count + 8 + IDSeal.longest
            if !fits(line) { close() }
            packet.sockets.append(socket)
            bytes += line
        }
        for name in stored {
            let line = name.utf8.count + 8
            if !fits(line) { close() }
            packet.stored.append(name)
            bytes += line
        }
        packet.isLast = true
        packets.append(packet)
        return packets
    }

    /// The names of kept descriptors in as many packets as it takes, with how many are in each.
    package static func packets(stored: [String]) -> [(message: SupervisorMessage, count: Int)] {
        let nobody = Welcome(version: 0, service: "", generation: 0, worker: 0, workers: 0)
        return packets(nobody, sockets: [], stored: stored).map {
            (.stored(names: $0.stored, isLast: $0.isLast), $0.stored.count)
        }
    }
}
