import Glibc

extension DescriptorHolder where Self: ~Copyable {
    /// The number by which the kernel knows a socket, whichever of its descriptors is asked.
    package borrowing func socketCookie() throws(KernelError) -> UInt64 {
        try withRaw { (number) throws(KernelError) in
            try option("getsockopt SO_COOKIE", of: number, SO_COOKIE, initial: UInt64(0))
        }
    }
}
