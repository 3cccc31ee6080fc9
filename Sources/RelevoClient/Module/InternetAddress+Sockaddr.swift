internal import CRelevoClient
public import Glibc

extension InternetAddress {
    /// The address that recvfrom(2), getsockname(2) and their like filled in; nil for a family
    /// that is not IP, or a length that is too short.
    public init?(_ address: UnsafePointer<sockaddr>, length: socklen_t) {
        var raw = relevo_sys_address()
        guard unsafe relevo_sys_read_sockaddr(address, length, &raw) == 1 else { return nil }
        self.init(raw)
    }

    /// Hands over the address as sendto(2) and its like want it.
    public func withSockaddr<Result, Failure: Error>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var storage = sockaddr_storage()
        var raw = raw
        let size = UInt32(MemoryLayout<sockaddr_storage>.size)
        let length = unsafe relevo_sys_write_sockaddr(&raw, &storage, size)
        return try unsafe withUnsafePointer(to: &storage) { pointer throws(Failure) in
            try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                address throws(Failure) in try unsafe body(address, length)
            }
        }
    }
}
