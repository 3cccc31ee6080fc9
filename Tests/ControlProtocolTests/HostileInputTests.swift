import ControlProtocol
import TestSeeds
import Testing

/// Whatever the bytes, there is a call or a fault, never a trap.
struct HostileInputTests {
    @Test(arguments: ["[", "{\"a\":", "[[{\"method\":"])
    func deepNestingIsRefused(opening: String) {
        let depth = FrameSplitter.longestFrame / opening.utf8.count
        let bytes = Array(String(repeating: opening, count: depth).utf8)
        #expect(throws: ControlFault.self) { try ControlCall.decode(bytes) }
        let call = #"{"method":"org.relevo.Supervisor.Upgrade","parameters":{"x":"#
        #expect(throws: ControlFault.self) { try ControlCall.decode(Array(call.utf8) + bytes) }
    }

    @Test func closedDeepNestingIsRefusedOrLetPass() {
        for depth in [1, 100, 500, 511, 512, 513, 5000, 100_000] {
            let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            let json = #"{"method":"org.relevo.Supervisor.GetStatus","x":\#(nested)}"#
            switch fault(json) {
            case nil, .malformed: break
            case .refused(let error, _): Issue.record("\(error)")
            }
        }
    }

    @Test func invalidUTF8IsRefused() {
        for bytes: [UInt8] in [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf8], [0xe2, 0x82]] {
            let frame = Array(#"{"method":""#.utf8) + bytes + Array(#""}"#.utf8)
            #expect(throws: ControlFault.self) { try ControlCall.decode(frame) }
        }
    }

    @Test func aFrameOfTheGreatestLengthIsServed() throws {
        let padding = String(repeating: "x", count: FrameSplitter.longestFrame - 100)
        let json = #"{"x":"\#(padding)","method":"org.relevo.Supervisor.GetStatus"}"#
        #expect(try decode(json).request == .getStatus)
    }

    @Test(arguments: 0..<20)
    func wrongBytesInSoundMessagesNeverTrap(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let sound =
            try CallTests.calls.map { try onlyFrame($0.frame()) }
            + [onlyFrame(ControlReply.status(sampleStatus).frame())]
        for _ in 0..<250 {
            var bytes = sound[Int.random(in: sound.indices, using: &random)]
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                let place = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.insert(Self.telling.randomElement(using: &random) ?? 0, at: place)
                default: bytes.removeSubrange(place..<min(place + 3, bytes.count))
                }
                if bytes.isEmpty { bytes = [0x7b] }
            }
            expectCallOrFault(bytes)
        }
    }

    private static let telling = Array("{}[]\",:\\u0-9eE+.tfn ".utf8)

    private func expectCallOrFault(_ bytes: [UInt8]) {
        do throws(ControlFault) {
            let call = try ControlCall.decode(bytes)
            #expect(!call.request.method.isEmpty)
        } catch {
            switch error {
            case .malformed(let reason): #expect(!reason.isEmpty)
            case .refused(let error, _): #expect(!error.description.isEmpty)
            }
        }
        do throws(AnswerFault) {
            _ = try ControlAnswer<StatusReply>.decode(bytes)
        } catch {
            #expect(!error.description.isEmpty)
        }
    }
}
