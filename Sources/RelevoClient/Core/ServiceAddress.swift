/// A listener's address as it is written, `udp://host:port` or `tcp://host:port`.
struct ServiceAddress: Equatable {
    let isStream: Bool
    let address: InternetAddress

    init(isStream: Bool, address: InternetAddress) {
        self.isStream = isStream
        self.address = address
    }

    init?(_ text: [UInt8]) {
        let isStream = text.starts(with: "tcp://", at: 0)
        guard isStream || text.starts(with: "udp://", at: 0),
            let address = InternetAddress(text: text.piece(6, text.count))
        else { return nil }
        self.init(isStream: isStream, address: address)
    }
}
