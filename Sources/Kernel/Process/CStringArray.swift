import SystemPackage

/// Strings in one block, each ended by NUL, as exec(2) takes them.
struct CStringArray {
    private var bytes: [CChar] = []
    private var offsets: [Int] = []

    /// Refuses a string with a NUL inside, which would arrive cut.
    init(_ strings: [String], for call: String) throws(KernelError) {
        for string in strings {
            guard !string.utf8.contains(0) else { throw KernelError(call, .invalidArgument) }
            append(string)
        }
    }

    /// Adds a string with zeroed room after it, to be written into later; its place in the array.
    mutating func append(_ string: String, room: Int = 0) {
        offsets.append(bytes.count)
        bytes += KeptText.bytes(string).map(CChar.init(bitPattern:))
        bytes += [CChar](repeating: 0, count: room + 1)
    }

    /// Lends a NULL-ended array of pointers to the strings.
    mutating func withPointers<Result, Failure: Error>(
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let offsets = self.offsets
        let outcome: Swift.Result<Result, Failure> = unsafe bytes.withUnsafeMutableBufferPointer {
            let start = $0.baseAddress
            var pointers = unsafe offsets.map { offset in unsafe start.map { unsafe $0 + offset } }
            unsafe pointers.append(nil)
            return unsafe pointers.withUnsafeMutableBufferPointer { pointers in
                guard let base = pointers.baseAddress else {
                    preconditionFailure("the array ends with a NULL at least")
                }
                do throws(Failure) {
                    return .success(try unsafe body(base))
                } catch {
                    return .failure(error)
                }
            }
        }
        return try outcome.get()
    }
}
