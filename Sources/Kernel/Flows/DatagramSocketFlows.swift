import CKernel

extension DatagramSocket {
    /// Makes batches tell the local address of each datagram.
    package borrowing func tellLocalAddresses(isIPv6: Bool) throws(KernelError) {
        let number = descriptor.number
        try check("setsockopt PKTINFO") { relevo_flowbatch_ask_local(number, isIPv6 ? 1 : 0) }
    }

    /// Makes the socket keep what ICMP says about datagrams it has sent, connected or not.
    package borrowing func tellRefusals(isIPv6: Bool) throws(KernelError) {
        let number = descriptor.number
        try check("setsockopt RECVERR") { relevo_flowbatch_ask_refusals(number, isIPv6 ? 1 : 0) }
    }

    /// Takes all refusals that wait; says how many.
    package borrowing func takeRefusals() throws(KernelError) -> Int {
        let number = descriptor.number
        var count = 0
        while try check("recvmsg MSG_ERRQUEUE", { relevo_flowbatch_refusal(number) }) > 0 {
            count += 1
        }
        return count
    }
}
