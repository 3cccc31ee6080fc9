/// A protocol whose session is its 4-tuple, for the server as for us: no id in it says more.
package struct AddressProtocol: Hashable, Sendable {
    package let name: String
    /// Why, as the rest of a sentence that begins with its name.
    package let reason: String

    private init(_ name: String, _ reason: String) {
        self.name = name
        self.reason = reason
    }

    /// All that are known, by name.
    package static let all: [AddressProtocol] = [
        AddressProtocol(
            "coap", "has a token for each request and no id of a session"),
        AddressProtocol(
            "dtls", "has no id where none was negotiated; where one is, it is dtls-cid"),
        AddressProtocol(
            "enet", "counts its ids from 0 in every process, and its servers know a peer by address"
        ),
        AddressProtocol(
            "gns", "has ids that its servers bind to an address (GameNetworkingSockets)"),
        AddressProtocol("kcp", "has ids that its clients choose, so that they collide"),
        AddressProtocol(
            "openvpn", "counts its peer ids from 0 in every process, so that they say nothing"),
        AddressProtocol("raknet", "has no id in the packets of a connection (also Bedrock)"),
        AddressProtocol("rtp", "has ids of streams that their senders choose"),
        AddressProtocol("sip", "has its Call-ID in text, and its trunks keep their address"),
    ]

    package static func named(_ name: String) -> AddressProtocol? {
        all.first { $0.name == name }
    }
}
