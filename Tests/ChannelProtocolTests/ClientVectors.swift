import ChannelProtocol

/// What the clients of other languages are tested with, as text: `packaging/clients/vectors/channel.txt`.
enum ClientVectors {
    static let text: String = {
        var lines = [
            "# What a worker says, and what it hears, in bytes. Made from ChannelProtocolTests, which hold it",
            "# to be so: RELEVO_WRITE_VECTORS=1 swift test --filter ClientVectorTests writes it anew.",
        ]
        for request in WorkerRequestTests.requests {
            let bytes = request.encoded()
            lines += ["", "says \(hex(bytes))"] + split(bytes)
        }
        for packet in SupervisorPacketTests.packets {
            lines += heard(packet.encoded())
        }
        for code in ChannelErrorCode.allCases {
            lines += heard(SupervisorPacket(.error(code, reason: "so"), id: 5).encoded())
        }
        for text in others { lines += heard(Array(text.utf8)) }
        return lines.joined(separator: "\n") + "\n"
    }()

    private static let head = "WELCOME\nVERSION=1\nSERVICE=echo\nGENERATION=2\nWORKER=1\nWORKERS=3"

    /// What a supervisor that is broken, or a later one, may say.
    private static let others = [
        "OK\nID=3\n", "OK\nID=3\nCOLOUR=green", "DANCE\nTEMPO=allegro", "DANCE\nID=4", "ERROR",
        "DRAIN\nLEFT=5", "DRAIN\nDEADLINE=9223372036854775807\nLEFT=0", "STOP", "RESUME\nREASON=",
        "\(head)\nSOCKET=0 3 udp://[::]:4433 ", "\(head)\nIDS=",
        "\(head)\nSOCKET=0 3 udp://[::]:4433 a\nIDS=-",
        "\(head)\nSOCKET=0 3 udp://[::]:4433 a\nIDS=17:0123456789abcdeffedcba9876543210",
        // No packets.
        "", "\n", "ok", "OK ", "ABCDEFGHIJKLMNOPQ", "OK\n\n", "OK\nID", "OK\nid=3", "OK\n=3",
        "OK\nABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG=1", "OK\nID=3\nID=4", "OK\nREASON=a\tb",
        "OK\nREASON=\u{7f}", "OK\nREASON=\0", "OK\r\nID=3",
        "STORED" + String(repeating: "\nSTORED=x", count: 65),
        // No messages.
        "OK\nID=", "OK\nID=03", "OK\nID=-3", "OK\nID=+3", "OK\nID=3 ", "OK\nID=0x3",
        "OK\nID=9223372036854775808", "OK\nID=99999999999999999999", "OK\nID=٣",
        "WELCOME", "WELCOME\nVERSION=1", "\(head)\nMORE=0", "\(head)\nMORE=",
        "\(head)\nSOCKET=", "\(head)\nSOCKET=0 3 udp://[::]:4433",
        "\(head)\nSOCKET=x 3 udp://a:1 n",
        "\(head)\nSOCKET=0 -3 udp://a:1 n", "\(head)\nSOCKET=0 3  n", "\(head)\nIDS=- -",
        "\(head)\nSOCKET=0 3 udp://[::]:4433 a\nIDS=4096:0123456789abcdeffedcba9876543210",
        "\(head)\nSOCKET=0 3 udp://[::]:4433 a\nIDS=017:0123456789abcdeffedcba9876543210",
        "\(head)\nSOCKET=0 3 udp://[::]:4433 a\nIDS=17:0123456789abcdeffedcba987654321",
        "\(head)\nSOCKET=0 3 udp://[::]:4433 a\nIDS=17:+123456789abcdeffedcba9876543210",
        "LINK", "LINK\nROLE=host\nGENERATION=1\nWORKER=0", "LINK\nROLE=asked\nGENERATION=1",
        "LINK\nROLE=asked\nWORKER=1", "DRAIN\nDEADLINE=x\nLEFT=5", "STOP\nLEFT=-1",
        "STORED\nMORE=yes",
    ]

    private static func heard(_ bytes: [UInt8]) -> [String] {
        let means: String
        do throws(ChannelFault) {
            let packet = try SupervisorPacket.parse(bytes)
            means = packet.map { meaning($0) } ?? "nothing"
        } catch {
            means = "fault \(error.code)"
        }
        return ["", "hears \(hex(bytes))"] + split(bytes) + ["means \(means)"]
    }

    /// The lines of a packet; none for what is no packet.
    private static func split(_ bytes: [UInt8]) -> [String] {
        guard let packet = try? ChannelPacket(parsing: bytes) else { return [] }
        return ["verb \(packet.verb)"] + packet.fields.map { "field \($0.key)=\($0.value)" }
    }

    private static func meaning(_ packet: SupervisorPacket) -> String {
        let id = packet.id.map { "\($0)" } ?? "-"
        return "id=\(id) \(meaning(packet.message))"
    }

    private static func meaning(_ message: SupervisorMessage) -> String {
        switch message {
        case .welcome(let welcome):
            let sockets = welcome.sockets.map { socket in
                let seal = socket.seal.map { "\($0.stay) \(hex($0.key.0)) \(hex($0.key.1))" }
                return " socket[\(socket.listener) \(socket.slot) \(socket.address) \(socket.name)]"
                    + " seal[\(seal ?? "-")]"
            }
            return "welcome version=\(welcome.version) service=[\(welcome.service)]"
                + " generation=\(welcome.generation) worker=\(welcome.worker)"
                + " workers=\(welcome.workers) more=\(welcome.isLast ? 0 : 1)"
                + sockets.joined() + listed(welcome.stored)
        case .ok: return "ok"
        case .error(let code, let reason): return "error \(code.rawValue) [\(reason)]"
        case .drain(nil): return "drain -"
        case .drain(let end?): return "drain \(end.milliseconds) \(end.millisecondsLeft)"
        case .resume: return "resume"
        case .stop(let left): return "stop \(left)"
        case .stored(let names, let isLast): return "stored more=\(isLast ? 0 : 1)" + listed(names)
        case .link(let end):
            return "link \(end.role.rawValue) \(end.generation) \(end.worker) [\(end.label ?? "")]"
        }
    }

    private static func listed(_ names: [String]) -> String {
        names.map { " stored[\($0)]" }.joined()
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }
        .joined()
    }

    private static func hex(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
