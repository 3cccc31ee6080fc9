import Glibc
package import Kernel

extension DatagramSocket {
    /// May send to groups of hosts and broadcast addresses, by way of that interface.
    package borrowing func sendToGroups(through interface: Int32) throws(KernelError) {
        try withRaw { (number) throws(KernelError) in
            var on = Int32(1)
            try check("setsockopt SO_BROADCAST") {
                unsafe setsockopt(
                    number, SOL_SOCKET, SO_BROADCAST, &on, socklen_t(MemoryLayout<Int32>.size))
            }
            var request = ip_mreqn()
            request.imr_ifindex = interface
            try check("setsockopt IP_MULTICAST_IF") {
                unsafe setsockopt(
                    number, Int32(IPPROTO_IP), IP_MULTICAST_IF, &request,
                    socklen_t(MemoryLayout<ip_mreqn>.size))
            }
        }
    }
}
