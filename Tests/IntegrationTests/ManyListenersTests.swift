import Kernel
import TestKit
import Testing

/// A listener is cheap as long as nobody uses it.
@Suite(.ownNetwork, .needsRoot)
struct ManyListenersTests {
    private func memory(listeners: Int) throws -> (resident: Int, kernel: Int) {
        let addresses = (0..<listeners).flatMap { ["--listen", "udp://127.0.0.1:\(20_000 + $0)"] }
        let service = try Service.current(addresses, command: try Programs.echo())
        let process = "/proc/\(service.process.pid)"
        let status = String(decoding: try readFile("\(process)/status"), as: UTF8.self)
        let resident = try #require(Self.number(after: "VmRSS:", in: status))
        // Maps and programs by their number: a shared one is counted once.
        var objects: [String: Int] = [:]
        for name in try listFolder("\(process)/fdinfo") {
            guard let bytes = try? readFile("\(process)/fdinfo/\(name)") else { continue }
            let text = String(decoding: bytes, as: UTF8.self)
            guard let size = Self.number(after: "memlock:", in: text) else { continue }
            let map = Self.number(after: "map_id:", in: text)
            let program = Self.number(after: "prog_id:", in: text)
            objects[map.map { "map \($0)" } ?? "program \(program ?? 0)"] = size
        }
        return (resident * 1024, objects.values.reduce(0, +))
    }

    private static func number(after key: String, in text: String) -> Int? {
        let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
    }

    @Test func aFurtherListenerCostsAboutAHundredKibibytes() throws {
        let (one, many) = (try memory(listeners: 1), try memory(listeners: 41))
        #expect(one.kernel > 32 << 20)
        #expect(many.resident - one.resident < 40 * 100 << 10)
        // Its program and its maps: 25 pages, and what they share is a little more for more.
        #expect(many.kernel - one.kernel < 40 * 104 << 10)
    }
}
