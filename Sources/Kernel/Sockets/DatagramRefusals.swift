import CKernel

extension DatagramSocket {
    /// Makes the socket keep what ICMP says about datagrams it has sent, connected or not.
    package borrowing func reportRefusals() throws(KernelError) {
        let isIPv6 = try localAddress().isIPv6
        let number = descriptor.number
        try check("setsockopt RECVERR") { relevo_ask_refusals(number, isIPv6 ? 1 : 0) }
    }

    /// Takes all refusals that wait; says how many.
    package borrowing func takeRefusals() throws(KernelError) -> Int {
        let number = descriptor.number
        var count = 0
        while try check("recvmsg MSG_ERRQUEUE", { relevo_take_refusal(number) }) > 0 {
            count += 1
        }
        return count
    }
}
