/// A listener that is still being read, and the place it began at.
struct ListenerDraft: SettingsTarget, Sendable {
    var address: ListenAddress?
    var name: String?
    var steering: SteeringChoice?
    var idleTimeout: Duration
    var maxFlows: Int
    var receiveBuffer: Int
    var backlog: Int
    var socketsPerWorker: Int?
    var v6Only: Bool?
    var freeBind: Bool
    var transparent: Bool
    var isAdopted: Bool
    var file = ""
    var line = 0

    init() {
        self.init(ListenerSettings(address: ListenAddress(.udp, .any, port: 1)))
        address = nil
        steering = nil
    }

    init(_ listener: ListenerSettings) {
        address = listener.address
        name = listener.name
        steering = listener.steering
        idleTimeout = listener.idleTimeout
        maxFlows = listener.maxFlows
        receiveBuffer = listener.receiveBuffer
        backlog = listener.backlog
        socketsPerWorker = listener.socketsPerWorker
        v6Only = listener.v6Only
        freeBind = listener.freeBind
        transparent = listener.transparent
        isAdopted = listener.isAdopted
    }

    /// The finished listener; nil while there is no address.
    var settings: ListenerSettings? {
        guard let address else { return nil }
        var listener = ListenerSettings(address: address)
        listener.name = name
        if let steering { listener.steering = steering }
        listener.idleTimeout = idleTimeout
        listener.maxFlows = maxFlows
        listener.receiveBuffer = receiveBuffer
        listener.backlog = backlog
        listener.socketsPerWorker = socketsPerWorker
        listener.v6Only = v6Only
        listener.freeBind = freeBind
        listener.transparent = transparent
        listener.isAdopted = isAdopted
        return listener
    }

    /// Every key of [Listener], in the order it is written down.
    static let keys: [SettingsKey<ListenerDraft>] = [
        .optional(
            "Address", \.address, read: ListenAddress.parse, write: { $0.description }),
        .optional("Name", \.name, read: Identifier.descriptorName, write: { $0 }),
        .optional("Steering", \.steering, read: SteeringChoice.parse, write: { $0.rawValue }),
        .time("IdleTimeout", \.idleTimeout, zeroAllowed: false),
        .number("MaxFlows", \.maxFlows, in: 1...(1 << 26)),
        .one(
            "ReceiveBuffer", \.receiveBuffer,
            read: { (text) throws(ValueError) in try Number.size(text, in: 1...(1 << 30)) },
            write: Number.sizeText),
        .number("Backlog", \.backlog, in: 1...65535),
        .optional(
            "SocketsPerWorker", \.socketsPerWorker,
            read: { (text) throws(ValueError) in try Number.whole(text, in: 1...256) },
            write: { "\($0)" }),
        .optional(
            "IPv6Only", \.v6Only,
            read: { (text) throws(ValueError) in try Number.yesOrNo(text) },
            write: { $0 ? "yes" : "no" }),
        .flag("FreeBind", \.freeBind),
        .flag("Transparent", \.transparent),
        .flag("Adopted", \.isAdopted),
    ]
}
