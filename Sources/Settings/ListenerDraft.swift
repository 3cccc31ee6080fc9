import Packs

/// A listener that is still being read, and the place it began at.
struct ListenerDraft: SettingsTarget, Sendable {
    var address: ListenAddress?
    var name: String?
    var steering: SteeringChoice?
    var idleTimeout: Duration?
    var balance: BalanceChoice?
    var unknownIDs: UnknownIDsChoice?
    var sharesResetKey: Bool?
    var sessionOrder: Pack.Order?
    var sessionRules: [PackRule]
    var sessionPrefix: Int?
    var idLength: Int?
    var serverIDLength: Int?
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
        idleTimeout = nil
    }

    init(_ listener: ListenerSettings) {
        address = listener.address
        name = listener.name
        steering = listener.steering
        let idle = listener.idleTimeout
        idleTimeout = idle == listener.steering.idleTimeout ? nil : idle
        balance = listener.balance == .hash ? nil : listener.balance
        unknownIDs = listener.unknownIDs == .guess ? nil : listener.unknownIDs
        sharesResetKey = listener.sharesResetKey ? true : nil
        sessionOrder = listener.sessionOrder == .tuple ? nil : listener.sessionOrder
        sessionRules = listener.sessionRules
        sessionPrefix = listener.sessionPrefix
        idLength = listener.idLength
        serverIDLength = listener.serverIDLength
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
        listener.idleTimeout = idleTimeout ?? listener.steering.idleTimeout
        listener.balance = balance ?? .hash
        listener.unknownIDs = unknownIDs ?? .guess
        listener.sharesResetKey = sharesResetKey ?? false
        listener.sessionOrder = sessionOrder ?? .tuple
        listener.sessionRules = sessionRules
        listener.sessionPrefix = sessionPrefix
        listener.idLength = idLength
        listener.serverIDLength = serverIDLength
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
}
