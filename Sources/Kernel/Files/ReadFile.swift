import Glibc

/// All bytes of a file; works for files of /proc, whose size is not known before.
package func readFile(_ path: String) throws(KernelError) -> [UInt8] {
    let file = OwnedDescriptor(
        adopting: try check("open", on: path) {
            unsafe KeptText.withBytes(of: path) { unsafe open($0, O_RDONLY | O_CLOEXEC) }
        })
    return try readAll(of: file.number, on: path)
}

/// The first bytes of a file, fewer where it is shorter.
package func readStart(of path: String, atMost count: Int) throws(KernelError) -> [UInt8] {
    let file = try openFile(path, O_RDONLY)
    let number = file.number
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: min(count, 1 << 20))
    // A pipe gives what is in it, and no more at once.
    while bytes.count < count {
        let wanted = min(chunk.count, count - bytes.count)
        let length = try check("read", on: path) {
            unsafe chunk.withUnsafeMutableBytes { unsafe read(number, $0.baseAddress, wanted) }
        }
        if length == 0 { break }
        bytes += chunk.prefix(length)
    }
    return bytes
}

/// Reads to the end, from an offset where one is given (the file's position is left alone).
func readAll(
    of number: Int32, from offset: Int? = nil, on subject: @autoclosure () -> String = ""
) throws(KernelError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
        let count = try check(offset == nil ? "read" : "pread", on: subject()) {
            unsafe chunk.withUnsafeMutableBytes { room in
                guard let offset else { return unsafe read(number, room.baseAddress, room.count) }
                return unsafe pread(
                    number, room.baseAddress, room.count, off_t(offset + bytes.count))
            }
        }
        if count == 0 { return bytes }
        bytes += chunk.prefix(count)
    }
}

/// Makes these bytes all that is in a file, created with this mode if it is not there.
package func writeFile(
    _ path: String, _ bytes: some Collection<UInt8>, mode: UInt32 = 0o644
) throws(KernelError) {
    let file = try openFile(path, O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
    try file.writeAll(bytes)
}
