import CKernel

extension ReuseportMember where Self: ~Copyable {
    /// Takes the socket out of reach of whatever arrives, for good; its queue stays to be read.
    ///
    /// A socket that is closed leaves its reuseport group a moment before the table of sockets, and
    /// what arrives in between is put into its queue, steering or not, and lost (one close in twenty
    /// under a full load, Linux 6.18). One that is bound to an interface that does not exist matches
    /// nothing any more, so this comes before every close of a group's member.
    ///
    /// - Throws: EPERM where it is bound to an interface already and CAP_NET_RAW is missing.
    package borrowing func leaveGroup() throws(KernelError) {
        try withRaw { (number) throws(KernelError) in
            // Interfaces are numbered from 1; nobody gets as far as this.
            try setOption(
                "setsockopt SO_BINDTOIFINDEX", of: number, Int32(RELEVO_SO_BINDTOIFINDEX),
                to: Int32.max)
        }
    }
}
