import Kernel

/// Libraries that a process runs from and that are other files on disk by now, or gone: as when a package has
/// brought them, and the services that use them are started again for it.
enum ReplacedLibraries {
    /// A file that a process runs from.
    struct Mapped: Hashable {
        let path: String
        /// Whether its name leads to it no more.
        let isGone: Bool
    }

    /// One of them; nil where there is none, or where the process cannot be looked into.
    static func first(of process: Int32) -> String? {
        (try? ProcessView.text("maps", of: process)).flatMap(first)
    }

    /// - Parameter maps: /proc/PID/maps, proc_pid_maps(5).
    static func first(in maps: [UInt8]) -> String? {
        files(in: maps).first(where: \.isGone)?.path
    }

    /// The libraries that a process runs from, each once.
    ///
    /// - Parameters:
    ///   - besides: the name of another file to be told of: the interpreter of a script.
    ///   - limit: no more than so many.
    static func files(
        in maps: [UInt8], besides other: String? = nil, atMost limit: Int = .max
    ) -> [Mapped] {
        var found: [Mapped] = []
        var known: Set<Mapped> = []
        for line in maps.split(separator: UInt8(ascii: "\n")) where found.count < limit {
            let fields = line.split(
                separator: UInt8(ascii: " "), maxSplits: 5, omittingEmptySubsequences: true)
            guard fields.count == 6, fields[1].dropFirst(2).first == UInt8(ascii: "x") else {
                continue
            }
            let file = Mapped(fields[5].drop { $0 == UInt8(ascii: " ") })
            let name = file.path.split(separator: "/").last ?? ""
            guard file.path.hasPrefix("/"),
                name.hasSuffix(".so") || name.contains(".so.") || file.path == other,
                known.insert(file).inserted
            else { continue }
            found.append(file)
        }
        return found
    }
}

extension ReplacedLibraries.Mapped {
    private static let gone = Array(" (deleted)".utf8)

    /// A file as the kernel names it in a map or in a link to it.
    init(_ name: some BidirectionalCollection<UInt8>) {
        isGone = name.suffix(Self.gone.count).elementsEqual(Self.gone)
        path = String(decoding: isGone ? name.dropLast(Self.gone.count) : name[...], as: UTF8.self)
    }
}
