import Testing

@testable import Record

@Suite struct ChecksumTests {
    /// Values of the reference implementation.
    @Test(
        arguments: [
            ("", 0, 0xef46_db37_51d8_e999), ("", 0x9e37_79b1, 0xac75_fda2_929b_17ef),
            ("a", 0, 0xd24e_c4f1_a98c_6e5b), ("abc", 0, 0x44bc_2cf5_ad77_0999),
            ("Nobody inspects the spammish repetition", 0, 0xfbce_a83c_8a37_8bf1),
        ] as [(String, UInt64, UInt64)])
    func theChecksumIsXXH64(text: String, seed: UInt64, wanted: UInt64) {
        #expect(Checksum.of(text.utf8.span, seed: seed) == wanted)
    }
}
