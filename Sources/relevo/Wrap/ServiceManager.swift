import Kernel

/// The service manager of this machine, asked by its own program.
enum ServiceManager {
    /// What `systemctl` prints.
    ///
    /// - Throws: that it cannot be run, or what it complains about.
    static func asked(_ arguments: String...) throws(Failure) -> String {
        let said: (exit: ProcessExit, text: String)
        do {
            said = try run(["systemctl", "--no-pager"] + arguments)
        } catch {
            throw Failure(.unavailable, "systemctl cannot be asked: \(error)")
        }
        guard said.exit == .code(0) else {
            let line = said.text.split(whereSeparator: \.isNewline).joined(separator: " ")
            throw Failure(
                .failed,
                "systemctl \(arguments.joined(separator: " ")): \(line.isEmpty ? "it failed" : line)"
            )
        }
        return said.text
    }

    private static func run(_ words: [String]) throws -> (exit: ProcessExit, text: String) {
        var plan = DescriptorPlan()
        var pipe = try Pipe()
        let writer = pipe.takeWriter()
        try plan.place(writer, at: 1)
        try plan.place(writer, at: 2)
        let child = try ChildProcess.spawn(
            SpawnPlan(
                executable: try resolveExecutable(words[0]), arguments: words,
                environment: Environment.strings()), descriptors: plan)
        _ = consume writer
        let reader = pipe.takeReader()
        var output: [UInt8] = []
        while output.count < most, let bytes = try reader.read(upTo: 65536), !bytes.isEmpty {
            output += bytes
        }
        _ = consume reader
        return (try child.waitForExit(), String(decoding: output, as: UTF8.self))
    }

    /// A unit's properties are some 20 KB.
    private static let most = 4 << 20
}
