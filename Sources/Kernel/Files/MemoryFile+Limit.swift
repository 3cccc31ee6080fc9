import Glibc

extension MemoryFile {
    /// All that is in it; nil when it is longer than the limit, or no file at all.
    package borrowing func contents(upTo limit: Int) throws(KernelError) -> [UInt8]? {
        let size = try withRaw { (number) throws(KernelError) in
            var status = stat()
            try check("fstat") { unsafe fstat(number, &status) }
            return status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : Int.max
        }
        guard size <= limit else { return nil }
        return try contents()
    }

    /// Cuts it or fills it up with zeroes.
    package borrowing func setLength(_ length: Int) throws(KernelError) {
        try withRaw { (number) throws(KernelError) in
            _ = try check("ftruncate memfd") { ftruncate(number, off_t(length)) }
        }
    }
}
