import Testing

@testable import Kernel

struct TentativeAddressesTests {
    private let text = Array(
        """
        fe80000000000000505f86fffec7b85d 02 40 20 80       v1
        fd000000000000000000000000000001 03 40 00 c0       v0
        fd000000000000000000000000000002 03 40 00 c8       v0
        00000000000000000000000000000001 01 80 10 80       lo
        not a line of an address
        zz 03 40 00 c0 v0

        """.utf8)

    @Test func oneThatIsAskedForIsFoundAndNoOther() {
        let base = UInt128(0xfd) << 120
        #expect(TentativeAddresses.contains(base | 1, 0, in: text))
        #expect(TentativeAddresses.contains(base | 1, 3, in: text))
        #expect(!TentativeAddresses.contains(base | 1, 2, in: text))
        // Somebody else has it.
        #expect(!TentativeAddresses.contains(base | 2, 0, in: text))
        #expect(!TentativeAddresses.contains(base | 3, 0, in: text))
        #expect(!TentativeAddresses.contains(1, 0, in: text))
        #expect(!TentativeAddresses.contains(1, 0, in: []))
        #expect(!TentativeAddresses.contains(.loopback6()))
        #expect(!TentativeAddresses.contains(.loopback()))
    }
}
