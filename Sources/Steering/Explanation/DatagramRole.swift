/// What a datagram is, as far as its session goes: see sessions.bpf.h.
struct DatagramRole: OptionSet {
    let rawValue: Int

    /// It may begin a session, and is not told by its id.
    static let opens = DatagramRole(rawValue: 1)
    /// It may be part of a handshake that is under way.
    static let keyed = DatagramRole(rawValue: 2)
    /// It goes on with a session that is known, else it begins one.
    static let either = DatagramRole(rawValue: 4)
    /// Its id is the server's for certain.
    static let heard = DatagramRole(rawValue: 8)
}
