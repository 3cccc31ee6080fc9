/// Values one after the other in a file that is written as a whole, each with its length and checksum: what is
/// sound is read, wherever the rest was damaged.
package struct FramedFile: Sendable {
    /// Those that are sound, in their order.
    package private(set) var frames: [[UInt8]] = []
    /// What is wrong; nil where nothing is.
    package private(set) var fault: String?

    private static let headSize = 16
    private static let frameHeadSize = 12

    /// The magic has eight bytes, and is followed by the version, by four zeroes, and by the frames: length,
    /// checksum (XXH64, the version as its seed), bytes.
    package static func bytes(magic: [UInt8], version: UInt32, _ frames: [[UInt8]]) -> [UInt8] {
        var bytes = magic
        bytes.append(little: version)
        bytes.append(little: UInt32(0))
        for frame in frames {
            bytes.append(little: UInt32(frame.count))
            bytes.append(little: Checksum.of(frame.span, seed: UInt64(version)))
            bytes += frame
        }
        return bytes
    }

    /// Reads a file, whatever its bytes are.
    package init(_ bytes: [UInt8], magic: [UInt8], version: UInt32, mostOfFrame: Int) {
        guard bytes.count >= Self.headSize, bytes.starts(with: magic) else {
            fault = "it is no file of this kind"
            return
        }
        let found = bytes.span.little32(8)
        guard found == version else {
            fault = "its format is \(found), and \(version) is known"
            return
        }
        var at = Self.headSize
        while at < bytes.count {
            guard at <= bytes.count - Self.frameHeadSize else {
                cutOff(at)
                return
            }
            let length = Int(bytes.span.little32(at))
            let sum = bytes.span.little64(at + 4)
            let start = at + Self.frameHeadSize
            guard length <= mostOfFrame, length <= bytes.count - start else {
                cutOff(at)
                return
            }
            let frame = Array(bytes[start..<start + length])
            if Checksum.of(frame.span, seed: UInt64(version)) == sum {
                frames.append(frame)
            } else {
                fault = fault ?? "it is damaged at byte \(at)"
            }
            at = start + length
        }
    }

    private mutating func cutOff(_ offset: Int) {
        fault = fault ?? "it is cut off at byte \(offset)"
    }
}
