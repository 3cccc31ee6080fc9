/// A compiled BPF object that the build embedded in this program.
struct SteeringObject: Sendable {
    /// The object file as clang wrote it.
    let bytes: [UInt8]

    init(hex: StaticString) {
        var bytes = [UInt8](repeating: 0, count: hex.utf8CodeUnitCount / 2)
        hex.withUTF8Buffer { digits in
            for at in bytes.indices {
                let (high, low) = unsafe (digits[2 * at], digits[2 * at + 1])
                bytes[at] = Self.value(high) << 4 | Self.value(low)
            }
        }
        self.bytes = bytes
    }

    private static func value(_ digit: UInt8) -> UInt8 {
        digit < UInt8(ascii: "a") ? digit - UInt8(ascii: "0") : digit - UInt8(ascii: "a") + 10
    }
}
