/// A listener's address as it is written, `udp://host:port` or `tcp://host:port`.
struct ServiceAddress: Equatable {
    let isStream: Bool
    let address: InternetAddress

    init(isStream: Bool, address: InternetAddress) {
        self.isStream = isStream
        self.address = address
    }

    init?(_ text: ArraySlice<UInt8>) {
        let isStream: Bool
        let rest: ArraySlice<UInt8>
        if let after = text.after("udp://") {
            (isStream, rest) = (false, after)
        } else if let after = text.after("tcp://") {
            (isStream, rest) = (true, after)
        } else {
            return nil
        }
        guard let address = InternetAddress(text: rest) else { return nil }
        self.init(isStream: isStream, address: address)
    }
}
