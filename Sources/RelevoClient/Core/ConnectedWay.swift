/// How a socket for one peer is made beside a listener.
///
/// Which of these is sound differs between kernels: one ends up in the listener's reuseport group
/// and takes a share of everybody's datagrams, one makes listeners that are bound later a second
/// group, one stops getting its peer's datagrams as soon as a listener is added. So each is tried
/// out (`ConnectedTrial`) before it is used.
enum ConnectedWay: UInt8 {
    /// The listener's family, at the listener's own address, wildcard or not.
    case same
    /// An IPv6 socket at the IPv4 listener's address, mapped. It is in no group of the listener's,
    /// and until it is connected the listener is preferred to it.
    case mapped
    /// `mapped`, after a member of the listener's group has been connected and closed: up to
    /// Linux 6.12 only then does the kernel look for connected sockets beside a group.
    case mappedAfterPriming
    /// The listener's family, at the one address that the peer sends to, beside a wildcard.
    case specific

    /// What may be sound, the simplest first.
    static func candidates(isIPv4: Bool, isWildcard: Bool, isSpecific: Bool) -> [ConnectedWay] {
        if isSpecific { return [.specific] }
        return isIPv4 && !isWildcard ? [.same, .mapped, .mappedAfterPriming] : [.same]
    }
}
