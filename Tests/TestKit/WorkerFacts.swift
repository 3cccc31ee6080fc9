import FoundationEssentials

/// What a Python worker tells of itself with `tell_facts`.
package struct WorkerFacts: Decodable, Sendable {
    /// One of the sockets that it was given.
    package struct Socket: Decodable, Equatable, Sendable {
        package let type: String
        /// Host and port with a space between.
        package let address: String
        package let blocking: Bool

        package init(type: String, address: String, blocking: Bool) {
            self.type = type
            self.address = address
            self.blocking = blocking
        }
    }

    /// Generation and index, as in the marks of its output.
    package let worker: String
    package let pid: Int32
    package let arguments: [String]
    /// Its own variables, and those that it was asked for.
    package let environment: [String: String]
    /// What each of its descriptors is, by number.
    package let descriptors: [String: String]
    package let sockets: [Socket]
    package let uid: UInt32
    package let gid: UInt32
    package let groups: [UInt32]
    package let folder: String
}

extension Service {
    /// Waits until a worker has told its facts, and returns those it told last.
    package func facts(
        of worker: String = "1.0", process pid: Int32? = nil, within limit: Duration = .seconds(20)
    ) throws -> WorkerFacts {
        let mark = "[\(worker)] facts "
        func facts(in line: String) throws -> WorkerFacts? {
            guard line.hasPrefix(mark) else { return nil }
            let found = try JSONDecoder().decode(
                WorkerFacts.self, from: Data(line.dropFirst(mark.count).utf8))
            return pid == nil || found.pid == pid ? found : nil
        }
        for line in process.output.lines.reversed() {
            if let found = try facts(in: line) { return found }
        }
        while let line = try self.line(with: mark, within: limit) {
            if let found = try facts(in: line) { return found }
        }
        throw NotStarted(lines: process.output.lines)
    }
}
