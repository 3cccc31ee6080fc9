import TestSeeds
import Testing

@testable import Record

/// Whatever the bytes, there is a value or a fault, never a trap.
@Suite struct HostileValueTests {
    private typealias Value = ValueTests.Everything

    @Test func everyPrefixIsAFault() throws {
        let bytes = try RecordValue.bytes(of: Value())
        for count in 0..<bytes.count {
            #expect(throws: RecordValueFault.self) {
                try RecordValue.read(Value.self, from: Array(bytes.prefix(count)))
            }
        }
        #expect(throws: RecordValueFault.self) {
            try RecordValue.read(Value.self, from: bytes + [0])
        }
    }

    @Test func changedBytesNeverTrap() throws {
        let bytes = try RecordValue.bytes(of: Value())
        var random = SeededGenerator(seed: 3)
        var reads = 0
        for _ in 0..<3000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1..<4, using: &random) {
                changed[Int.random(in: 0..<bytes.count, using: &random)] =
                    UInt8.random(in: 0...255, using: &random)
            }
            if let value = try? RecordValue.read(Value.self, from: changed) {
                reads += 1
                _ = try RecordValue.bytes(of: value)
            }
        }
        #expect(reads > 100)
    }

    @Test(
        arguments: [
            // Lengths of which there is nothing.
            [0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            [0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            [0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            [0xbb, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [0x9a, 0xff, 0xff, 0xff, 0xff],
            [0x61], [0xa1, 0x61, 0x61], [0x82, 0x01],
            // Of indefinite length, tagged, reserved, longer than need be.
            [0x9f, 0xff], [0xbf, 0xff], [0x5f, 0xff], [0xff], [0xc0, 0x00], [0x1c], [0x1f],
            [0xf7], [0xf8, 0x20], [0xe0], [0xf9, 0x00, 0x00],
            [0x18, 0x17], [0x19, 0x00, 0xff], [0x1a, 0x00, 0x00, 0xff, 0xff], [0x58, 0x00],
            [0x1b, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff],
            // Keys that are no text, two items, none.
            [0xa1, 0x01, 0x01], [0x00, 0x00], [],
        ] as [[UInt8]])
    func whatNobodyWritesIsAFault(bytes: [UInt8]) {
        #expect(throws: RecordValueFault.self) { try CBORDocument(bytes) }
    }

    @Test func textThatIsNoUTF8IsAFault() {
        let text = #expect(throws: RecordValueFault.self) {
            try RecordValue.read(String.self, from: [0x62, 0xc3, 0x28])
        }
        #expect(text?.description == "the value: no UTF-8")
        #expect(throws: RecordValueFault.self) {
            try RecordValue.read(ValueTests.Phase.self, from: [0xa1, 0x61, 0xff, 0xa0])
        }
    }

    @Test func aNumberOf65BitsIsOutOfRange() {
        let most = [UInt8](repeating: 0xff, count: 8)
        #expect(throws: RecordValueFault.self) {
            try RecordValue.read(Int64.self, from: [0x3b] + most)
        }
        #expect(throws: RecordValueFault.self) {
            try RecordValue.read(Int64.self, from: [0x1b] + most)
        }
    }
}
