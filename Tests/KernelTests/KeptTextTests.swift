import TestKit
import Testing

@testable import Kernel

struct KeptTextTests {
    @Test(arguments: [
        "", "plain", "Grüße", "\u{10ff80}", "\u{10ffff}x", "\u{10ff7f}", "👍🏽",
    ])
    func textStaysWhatItIs(text: String) {
        #expect(KeptText.bytes(KeptText.text(Array(text.utf8))) == Array(text.utf8))
        // What is not of the private area is the same text.
        if text.unicodeScalars.allSatisfy({ KeptText.byte(of: $0) == nil }) {
            #expect(KeptText.text(Array(text.utf8)) == text)
        }
    }

    @Test(
        arguments: [
            [0xe9], [0x63, 0xe9, 0x74], [0xff, 0xfe], [0xf4, 0x8f, 0xbe], [0xed, 0xa0, 0x80],
            [0xf4, 0x90, 0x80, 0x80], [0xc0, 0xaf], [0xe2, 0x82], [0xf4, 0x8f, 0xbe, 0x80, 0xf4],
        ] as [[UInt8]])
    func bytesThatAreNoTextComeBack(bytes: [UInt8]) {
        #expect(KeptText.bytes(KeptText.text(bytes)) == bytes)
    }

    @Test func anyBytesComeBack() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                // Mostly those that make characters of four bytes, whole or cut.
                [0xf4, 0x8f, 0xbe, 0xbf, 0x80, UInt8.random(in: 1...255, using: &random)]
                    .randomElement(using: &random) ?? 1
            }
            #expect(KeptText.bytes(KeptText.text(bytes)) == bytes, "\(bytes)")
        }
    }

    @Test func aTextWithinTextIsKeptToo() {
        // Each carrier may take the text of the one before for bytes of its own.
        let bytes: [UInt8] = [0x61, 0xff, 0x62]
        let twice = KeptText.text(Array(KeptText.text(bytes).utf8))
        #expect(KeptText.bytes(String(decoding: KeptText.bytes(twice), as: UTF8.self)) == bytes)
    }
}
