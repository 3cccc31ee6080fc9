import Glibc

extension DescriptorHolder where Self: ~Copyable {
    /// Reads what is there; empty at the end, nil when a non-blocking descriptor has nothing.
    package borrowing func read(upTo count: Int) throws(KernelError) -> [UInt8]? {
        try withRaw { (number) throws(KernelError) in
            var bytes = [UInt8](repeating: 0, count: count)
            let got = try checkUnlessBlocked("read") {
                unsafe bytes.withUnsafeMutableBytes {
                    unsafe Glibc.read(number, $0.baseAddress, $0.count)
                }
            }
            guard let got else { return nil }
            bytes.removeLast(count - got)
            return bytes
        }
    }

    /// Writes as much as goes; how many bytes went, nil when a non-blocking descriptor takes none.
    ///
    /// A reader that is gone is EPIPE where SIGPIPE is ignored.
    package borrowing func write(_ bytes: some Collection<UInt8>) throws(KernelError) -> Int? {
        try withRaw { (number) throws(KernelError) in
            let whole = ContiguousArray(bytes)
            return try checkUnlessBlocked("write") {
                unsafe whole.withUnsafeBytes {
                    unsafe Glibc.write(number, $0.baseAddress, $0.count)
                }
            }
        }
    }

    /// Writes all bytes, waiting for room where needed.
    package borrowing func writeAll(_ bytes: some Collection<UInt8>) throws(KernelError) {
        let whole = ContiguousArray(bytes)
        var rest = whole[...]
        while !rest.isEmpty {
            if let count = try write(rest) {
                rest = rest.dropFirst(count)
            } else {
                _ = try wait(for: .writable, within: .seconds(60))
            }
        }
    }
}
