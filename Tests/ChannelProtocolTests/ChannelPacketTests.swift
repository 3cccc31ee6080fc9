import ChannelProtocol
import Testing

@Suite struct ChannelPacketTests {
    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func aPacketIsAVerbAndKeys() throws {
        let packet = try ChannelPacket(parsing: Self.bytes("LINK\nTO=older\nLABEL=a=b c\n"))
        #expect(packet.verb == "LINK")
        #expect(packet.fields == [ChannelField("TO", "older"), ChannelField("LABEL", "a=b c")])
        #expect(packet.value("LABEL") == "a=b c")
        #expect(packet.value("ID") == nil)
    }

    @Test func theFirstPacketOfTheSpecification() {
        let hello = WorkerRequest(.hello(WorkerMessage.Hello(version: 1)), id: 1)
        #expect(Self.bytes("HELLO\nID=1\nVERSION=1") == hello.encoded())
        #expect(
            throws: Never.self,
            performing: { try WorkerRequest(parsing: Self.bytes("HELLO\nVERSION=1\nID=1")) })
    }

    @Test(arguments: [
        "", "\n", "hello", "HELLO ", "HELLO\n\n", "HELLO\nVERSION", "HELLO\n=1", "HELLO\nversion=1",
        "HELLO\nVERSION=1\nVERSION=1", "HELLO\nV=\u{1}", "HELLO\nV=\u{7f}", "HELLO\r\nVERSION=1",
        "ABCDEFGHIJKLMNOPQ", "HELLO\nABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHI=1", "HELLO\0",
    ])
    func whatIsNoPacketIsMalformed(text: String) {
        let fault = #expect(throws: ChannelFault.self) {
            try ChannelPacket(parsing: Self.bytes(text))
        }
        #expect(fault?.code == .malformed)
    }

    @Test func limitsAreAsTheyAreSpecified() throws {
        let padding = String(repeating: "x", count: ChannelLimits.longestPacket - 4)
        #expect(try ChannelPacket(parsing: Self.bytes("A\nX=" + padding)).fields.count == 1)
        let long = #expect(throws: ChannelFault.self) {
            try ChannelPacket(parsing: Self.bytes("A\nX=x" + padding))
        }
        #expect(long?.code == .oversized)
        let lines = String(repeating: "\nSOCKET=", count: ChannelLimits.mostKeys)
        #expect(try ChannelPacket(parsing: Self.bytes("A" + lines)).values("SOCKET").count == 64)
        let many = #expect(throws: ChannelFault.self) {
            try ChannelPacket(parsing: Self.bytes("A" + lines + "\nX="))
        }
        #expect(many?.code == .malformed)
    }

    @Test func aValueNeverBecomesTwoLines() throws {
        var packet = ChannelPacket("FAILED")
        packet.add("REASON", "one\nREADY=1\u{0}")
        let read = try ChannelPacket(parsing: packet.encoded())
        #expect(read.fields == [ChannelField("REASON", "one READY=1 ")])
    }
}
