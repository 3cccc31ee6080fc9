import Settings

/// A listener that is not there from the beginning on.
enum ExtraListener {
    static func settings(port: UInt16) -> ListenerSettings {
        guard let address = try? ListenAddress.parse("udp://127.0.0.1:\(port)") else {
            preconditionFailure("port \(port) is none")
        }
        return ListenerSettings(address: address)
    }
}
