import Glibc

extension UnixConnection {
    /// Whether it is a local socket for whole messages: another's descriptor may be anything.
    package borrowing func isSequencedPacket() throws(KernelError) -> Bool {
        guard try mayBeRead() else { return false }
        return try withRaw { (number) throws(KernelError) in
            let none: Int32 = -1
            let domain = try option("getsockopt SO_DOMAIN", of: number, SO_DOMAIN, initial: none)
            let type = try option("getsockopt SO_TYPE", of: number, SO_TYPE, initial: none)
            return domain == AF_UNIX && type == Int32(SOCK_SEQPACKET.rawValue)
        }
    }
}
