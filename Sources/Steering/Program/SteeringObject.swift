/// A compiled BPF object that the build embedded in this program.
struct SteeringObject: Sendable {
    private let hex: StaticString

    init(hex: StaticString) {
        self.hex = hex
    }

    /// The object file as clang wrote it.
    var bytes: [UInt8] {
        hex.withUTF8Buffer { digits in
            stride(from: 0, to: digits.count, by: 2).map { at in
                unsafe Self.value(digits[at]) << 4 | Self.value(digits[at + 1])
            }
        }
    }

    private static func value(_ digit: UInt8) -> UInt8 {
        digit < UInt8(ascii: "a") ? digit - UInt8(ascii: "0") : digit - UInt8(ascii: "a") + 10
    }
}
