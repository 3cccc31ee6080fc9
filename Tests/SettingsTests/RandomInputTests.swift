import Settings
import TestSeeds
import Testing

/// Whatever the bytes, there are settings or errors, never a trap.
struct RandomInputTests {
    static let pieces = [
        "[Service]", "[Listener]", "[", "]", "\n", "\r\n", "=", "\\", "\\\n", "\"", "'", " ", "#",
        ";", "Name=", "Command=", "Workers=", "Address=", "udp://", "tcp://[", "]:", ":53", "%",
        ".",
        "::", "ffff", "1.2.3.4", "255", "9223372036854775807", "99999999999999999999", "-1", "K",
        "8G", "Ready=", "alive:", "exec:", "\\x", "\\u", "\\U0010", "\\8", "\\377", "StopSignal=",
        "RTMIN+", "RTMAX-", "Linger=", "1.", "0.999999999", "w", "min", "infinity", "Environment=",
        "Private=", "/..", "e\u{301}", "\u{feff}", "🏳️‍🌈", "\u{0}", "MaxFlows=", "ReceiveBuffer=",
        "IB", "EnvironmentStyle=", "Watchdog=", "Steering=", "IdleTimeout=", "WorkingDirectory=/",
        "custom", "SessionRule=", "continue ", "id=4+", "byte:", "set", "@0=", "30/f0", "IdLength=",
    ]

    @Test(arguments: 0..<40)
    func piecesOfSettingsInAnyOrderNeverTrap(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<250 {
            let count = Int.random(in: 0...40, using: &random)
            let text = (0..<count).map { _ in Self.pieces.randomElement(using: &random) ?? "" }
            expectSettingsOrErrors(Array(text.joined().utf8))
        }
    }

    @Test(arguments: 0..<20)
    func randomBytesNeverTrap(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<250 {
            let count = Int.random(in: 0...200, using: &random)
            expectSettingsOrErrors(
                (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
    }

    @Test(arguments: 0..<20)
    func aSoundFileWithAFewWrongBytesNeverTraps(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let sound = Array(try parse(smallest).render().utf8)
        for _ in 0..<250 {
            var bytes = sound
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] =
                    UInt8.random(in: 0...255, using: &random)
            }
            expectSettingsOrErrors(bytes)
        }
    }

    private func expectSettingsOrErrors(_ bytes: [UInt8]) {
        do throws(SettingsErrors) {
            let settings = try ServiceSettings.parse([SettingsSource(file: "r", bytes: bytes)])
            #expect(!settings.name.isEmpty && !settings.command.isEmpty)
        } catch {
            #expect(!error.errors.isEmpty)
            #expect(error.errors.allSatisfy { $0.line >= 1 && !$0.message.isEmpty })
        }
    }
}
