import Adoption
import Foundation
import Testing

/// A python program with UDP sockets of its own, whose inodes it has told, that runs `body`.
final class PythonProgram {
    let process = Process()
    let inodes: [UInt64]
    private let lines = Lines()

    init(sockets: Int = 1, _ body: String) throws {
        let prelude = """
            import asyncio, os, select, selectors, signal, socket, sys, threading
            os.setpgid(0, 0)
            all = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(\(sockets))]
            s = all[0]
            s.bind(("127.0.0.1", 0))
            print(*[os.fstat(each.fileno()).st_ino for each in all], flush=True)

            """
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", prelude + body]
        process.standardOutput = lines.output
        try process.run()
        inodes = lines.next().split { $0.isWhitespace }.compactMap { UInt64($0) }
        #expect(inodes.count == sockets)
    }

    /// What it tells next.
    func nextLine() -> String { lines.next() }

    private final class Lines {
        let output = Pipe()
        private var rest = ""

        func next() -> String {
            while !rest.contains("\n") {
                let more = output.fileHandleForReading.availableData
                if more.isEmpty { break }
                rest += String(decoding: more, as: UTF8.self)
            }
            let line = rest.prefix { $0 != "\n" }
            rest = String(rest.dropFirst(line.count + 1))
            return String(line)
        }
    }

    /// Ends the program and whatever it forked.
    deinit {
        kill(-process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    var observer: ReadinessObserver {
        ReadinessObserver(worker: process.processIdentifier, sockets: inodes)
    }

    /// Whether its first thread is blocked in pause(2), or the ppoll(2) that some have for it.
    var isPausing: Bool {
        let path = "/proc/\(process.processIdentifier)/syscall"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.hasPrefix("34 ") || text.hasPrefix("73 ")
    }
}
