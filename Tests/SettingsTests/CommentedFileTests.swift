import Settings
import Testing

struct CommentedFileTests {
    @Test func aCommentedFileIsReadBackAsTheSameSettings() throws {
        var settings = ServiceSettings()
        settings.name = "dns"
        settings.command = ["/bin/a b", "--x"]
        settings.workers = 3
        settings.environment = ["A": "1", "B": "2 3"]
        var udp = ListenerSettings(address: try ListenAddress.parse("udp://:53"))
        udp.steering = .stateless
        let tcp = ListenerSettings(address: try ListenAddress.parse("tcp://:53"))
        settings.listeners = [udp, tcp]
        let text = settings.renderCommented()
        #expect(try ServiceSettings.parse(text, file: "x") == settings)
        #expect(text.contains("\nWorkers=3\n") && text.contains("\n#StopSignal=TERM\n"))
        #expect(text.contains("\n#User=\n"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }

    /// Whoever takes a `#` away gets the default, not a mistake.
    @Test func theCommentedKeysMayBeUncommented() throws {
        var settings = ServiceSettings()
        settings.name = "dns"
        settings.command = ["/bin/a"]
        settings.listeners = [ListenerSettings(address: try ListenAddress.parse("udp://:53"))]
        let lines = settings.renderCommented().split(separator: "\n").map {
            $0.hasPrefix("#") && !$0.hasPrefix("# ") ? $0.dropFirst() : $0
        }
        #expect(try ServiceSettings.parse(lines.joined(separator: "\n"), file: "x") == settings)
    }
}
