import Kernel

/// Libraries that a process runs from and that are other files on disk by now, or gone: as when a package has
/// brought them, and the services that use them are started again for it.
enum ReplacedLibraries {
    /// One of them; nil where there is none, or where the process cannot be looked into.
    static func first(of process: Int32) -> String? {
        (try? ProcessView.text("maps", of: process)).flatMap(first)
    }

    /// - Parameter maps: /proc/PID/maps, proc_pid_maps(5).
    static func first(in maps: [UInt8]) -> String? {
        let gone = Array(" (deleted)".utf8)
        for line in maps.split(separator: UInt8(ascii: "\n"))
        where line.suffix(gone.count) == gone[...] {
            let fields = line.split(
                separator: UInt8(ascii: " "), maxSplits: 5, omittingEmptySubsequences: true)
            guard fields.count == 6, fields[1].dropFirst(2).first == UInt8(ascii: "x") else {
                continue
            }
            let path = String(
                decoding: fields[5].drop { $0 == UInt8(ascii: " ") }.dropLast(gone.count),
                as: UTF8.self)
            let name = path.split(separator: "/").last ?? ""
            if path.hasPrefix("/"), name.hasSuffix(".so") || name.contains(".so.") { return path }
        }
        return nil
    }
}
