import Testing

@testable import ServiceCore

/// What identifies a file's contents.
@Suite struct FileIdentityTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func hashesAreThoseOfTheStandard(text: String, digest: String) {
        #expect(SHA256.digest(of: Array(text.utf8)) == digest)
    }

    /// Lengths around the padding's edges, against what coreutils says of as many letters a.
    @Test(arguments: [
        (55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
        (56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
        (63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"),
        (64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
        (65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"),
        (119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"),
        (120, "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"),
    ])
    func theLastBlockIsFilledAsTheStandardSays(count: Int, digest: String) {
        #expect(SHA256.digest(of: [UInt8](repeating: 0x61, count: count)) == digest)
    }

    /// An ELF64 file with one segment of notes.
    private func elf(_ notes: [UInt8]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 120)
        bytes.replaceSubrange(0..<6, with: [0x7f, 0x45, 0x4c, 0x46, 2, 1])
        bytes[32] = 64
        bytes[54] = 56
        bytes[56] = 1
        bytes[64] = 4
        bytes[72] = 120
        bytes[96] = UInt8(notes.count)
        return bytes + notes
    }

    private func find(_ bytes: [UInt8]) -> String? {
        BuildID.find { offset, count in
            guard offset < bytes.count else { return [] }
            return Array(bytes[offset..<min(bytes.count, offset + count)])
        }
    }

    private let gnu: [UInt8] = [
        4, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 0x47, 0x4e, 0x55, 0, 1, 2, 0xff, 0,
    ]

    @Test func theLinkersNoteIsFound() {
        #expect(find(elf(gnu)) == "0102ff")
        let other: [UInt8] = [2, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0x58, 0, 0, 0, 7, 0, 0, 0]
        #expect(find(elf(other + gnu)) == "0102ff")
        #expect(find(elf(other)) == nil)
        #expect(find(Array("#!/bin/sh\n".utf8)) == nil)
    }

    @Test func aFileThatIsCutOffOrSpoiledHasNone() {
        let whole = elf(gnu)
        for count in 0..<whole.count - 1 { #expect(find(Array(whole.prefix(count))) == nil) }
        for index in whole.indices {
            var spoiled = whole
            spoiled[index] = 0xff
            _ = find(spoiled)
        }
    }
}
