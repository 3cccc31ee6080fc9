/// Datagrams that clients of real programs sent to their servers; `record` makes the files.
package struct Capture: Sendable {
    /// The description of the protocol.
    package let name: String
    /// In the order in which they came, some of them twice.
    package let datagrams: [[UInt8]]

    /// One for each protocol that is described.
    package static let all: [Capture] = [
        Capture("dtls-cid", PackageResources.dtls_cid_hex),
        Capture("nebula", PackageResources.nebula_hex),
        Capture("srt", PackageResources.srt_hex),
        Capture("wireguard", PackageResources.wireguard_hex),
    ]

    package static func named(_ name: String) -> Capture? { all.first { $0.name == name } }

    /// A datagram a line, in hexadecimal; comments behind `#`.
    private init(_ name: String, _ text: [UInt8]) {
        self.name = name
        datagrams = text.split(separator: UInt8(ascii: "\n")).filter {
            $0.first != UInt8(ascii: "#")
        }.map { line in
            let digits = line.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
            return stride(from: 0, to: digits.count, by: 2).map {
                UInt8(digits[$0] << 4 | digits[$0 + 1])
            }
        }
    }
}
