/// Names and paths, checked for what they will be used as.
enum Identifier {
    /// The name becomes part of a socket's path, which holds 108 bytes at most (unix(7)).
    static let longestName = 64

    static func serviceName(_ text: String) throws(ValueError) -> String {
        guard isName(text), text.utf8.count <= longestName else {
            throw ValueError(
                "name '\(text)' is not up to \(longestName) of a-z A-Z 0-9 . _ @ - "
                    + "beginning with a letter or digit")
        }
        return text
    }

    /// A service name out of the file name of its command.
    static func serviceName(of program: String) -> String? {
        let base = program.utf8.split(separator: UInt8(ascii: "/")).last ?? []
        let allowed = base.map { isNameByte($0) ? $0 : UInt8(ascii: "-") }
        let text = allowed.drop { !isLetterOrDigit($0) }.prefix(longestName)
        return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first else { return false }
        return isLetterOrDigit(first) && text.utf8.allSatisfy(isNameByte)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "@") || byte == UInt8(ascii: "-")
    }

    /// LISTEN_FDNAMES separates names by colons, sd_listen_fds_with_names(3).
    static func descriptorName(_ text: String) throws(ValueError) -> String {
        let fits = text.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "}")
        }
        guard fits, (1...255).contains(text.utf8.count) else {
            throw ValueError(
                "listener name '\(text)' is not up to 255 visible ASCII characters "
                    + "without ':' and '}'")
        }
        return text
    }

    /// A user or group, by name or number; whether it exists only the kernel's host knows.
    static func account(_ text: String) throws(ValueError) -> String {
        let fits = text.utf8.allSatisfy {
            $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "/")
        }
        guard fits, !text.isEmpty, !text.hasPrefix("-"), text.utf8.count <= 255 else {
            throw ValueError("'\(text)' is not the name or number of a user or group")
        }
        return text
    }

    static func onePath(_ text: String) throws(ValueError) -> String {
        let words = try Words.split(text)
        guard words.count == 1, let word = words.first else {
            throw ValueError("'\(text)' is more than one path; quote a path that has spaces")
        }
        return try path(word)
    }

    /// An absolute path with no part that points upwards, without double and trailing slashes.
    static func path(_ text: String) throws(ValueError) -> String {
        guard text.hasPrefix("/") else {
            throw ValueError("path '\(text)' is not absolute; begin it with /")
        }
        let parts = text.utf8.split(separator: UInt8(ascii: "/")).map { String($0) ?? "" }
            .filter { $0 != "." }
        guard !parts.contains("..") else {
            throw ValueError("path '\(text)' has a '..' in it; write it without")
        }
        return "/" + parts.joined(separator: "/")
    }

    static func variable(_ word: String) throws(ValueError) -> (name: String, value: String) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let name = parts.first, let value = parts.last else {
            throw ValueError("'\(word)' is not KEY=VALUE; quote the whole of it if it has spaces")
        }
        let fits = name.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "_") }
        guard fits, let first = name.utf8.first, !(48...57).contains(first) else {
            throw ValueError("'\(name)' is not a variable's name; use letters, digits and _")
        }
        return (String(name), String(value))
    }
}
