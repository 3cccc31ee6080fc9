/// Text of the system's that may be any bytes but NUL: arguments, environment, paths.
///
/// A byte that is no part of UTF-8 becomes a character of a private area, U+10FF00 and the byte.
/// So do the bytes of a character that is of that area itself. Nothing is lost that way between
/// what was given and what a program is started with, whatever carries the text in between.
package enum KeptText {
    private static let base: UInt32 = 0x10ff00
    private static let first = base + 0x80
    private static let last = base + 0xff
    /// What every character of the area begins with in UTF-8, and few others do.
    private static let lead: UInt8 = 0xf4

    package static func text(_ bytes: some Collection<UInt8>) -> String {
        if !bytes.contains(lead), let text = String(validating: bytes, as: UTF8.self) {
            return text
        }
        let bytes = Array(bytes)
        var scalars = String.UnicodeScalarView()
        var parser = UTF8.ForwardParser()
        var input = bytes.makeIterator()
        var at = 0
        func keep(_ length: Int) {
            for byte in bytes[at..<at + length] {
                Unicode.Scalar(base + UInt32(byte)).map { scalars.append($0) }
            }
            at += length
        }
        while true {
            switch parser.parseScalar(from: &input) {
            case .valid(let encoded):
                let scalar = UTF8.decode(encoded)
                if byte(of: scalar) != nil {
                    keep(encoded.count)
                } else {
                    scalars.append(scalar)
                    at += encoded.count
                }
            case .error(let length): keep(length)
            case .emptyInput: return String(scalars)
            }
        }
    }

    /// The bytes that a text was made of.
    package static func bytes(_ text: String) -> [UInt8] {
        guard text.utf8.contains(lead) else { return Array(text.utf8) }
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            if let byte = byte(of: scalar) {
                bytes.append(byte)
            } else {
                bytes += Array(String(scalar).utf8)
            }
        }
        return bytes
    }

    /// The byte that a character stands for; nil where it stands for itself.
    package static func byte(of scalar: Unicode.Scalar) -> UInt8? {
        first...last ~= scalar.value ? UInt8(scalar.value - base) : nil
    }

    /// Lends the bytes, ended by NUL, to a system call that takes a path.
    static func withBytes<Result, Failure: Error>(
        of text: String, _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let bytes = bytes(text).map { CChar(bitPattern: $0) } + [0]
        let outcome: Swift.Result<Result, Failure> = unsafe bytes.withUnsafeBufferPointer {
            guard let start = $0.baseAddress else { preconditionFailure("there is a NUL at least") }
            do throws(Failure) {
                return .success(try unsafe body(start))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }
}
