import Glibc

/// Lets go of the pages of this program's code that are in memory: what only the start needed stays
/// away, the rest comes back from the page cache as it is run (madvise(2), MADV_DONTNEED on a private
/// mapping that nobody has written to).
///
/// - Returns: of how many bytes of mappings.
@discardableResult
package func releaseStartupCode() throws(KernelError) -> Int {
    var released = 0
    let itself = try readLink("/proc/self/exe")
    for line in try ProcessView.text("maps", of: getpid()).split(separator: UInt8(ascii: "\n")) {
        guard let mapping = CodeMapping(parsing: line), mapping.file == itself else { continue }
        try check("madvise") {
            unsafe madvise(
                UnsafeMutableRawPointer(bitPattern: mapping.start), mapping.length, MADV_DONTNEED)
        }
        released += mapping.length
    }
    return released
}

/// A mapping of code that cannot be written to, as a line of proc_pid_maps(5) has it.
struct CodeMapping: Equatable {
    let start: UInt
    let length: Int
    let file: String

    /// nil for a mapping of another kind.
    init?(parsing line: some Collection<UInt8>) {
        let words = String(decoding: line, as: UTF8.self)
            .split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
        guard words.count == 6, words[1] == "r-xp" else { return nil }
        let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        guard ends.count == 2, ends[0] < ends[1] else { return nil }
        start = ends[0]
        length = Int(ends[1] - ends[0])
        file = String(words[5].drop { $0 == " " })
    }
}
