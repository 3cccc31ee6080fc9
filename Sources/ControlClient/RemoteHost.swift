import Kernel

/// A machine whose services are asked over ssh.
package struct RemoteHost: Equatable, Sendable {
    /// As it was written.
    package let text: String
    /// What ssh is called with: `[user@]host`.
    let destination: String
    let port: UInt16?

    /// The one that `-H` of this program's command line names.
    package static let chosen: RemoteHost? = text(in: ProgramArguments.all).flatMap {
        try? .init($0)
    }

    /// What `-H` says in these words, if they have it.
    package static func text(in words: [String]) -> String? {
        let own = words.prefix { $0 != "--" }
        for (index, word) in own.enumerated() {
            if word == "-H" || word == "--host" { return own.dropFirst(index + 1).first }
            if word.hasPrefix("--host=") { return String(word.dropFirst("--host=".count)) }
        }
        return nil
    }

    /// Why a text names no host.
    package struct Mistake: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// - Parameter text: `[user@]host[:port]`; an IPv6 address with a port stands in brackets.
    package init(_ text: String) throws(Mistake) {
        self.text = text
        func mistake(_ why: String) -> Mistake { Mistake(description: "'\(text)' \(why)") }
        let isPlain = text.utf8.allSatisfy { 0x21...0x7e ~= $0 && !Self.forbidden.contains($0) }
        guard !text.isEmpty, isPlain else {
            throw mistake("is not [user@]host[:port]")
        }
        let user = text.lastIndex(of: "@").map { text[..<$0] }
        var host = text[(text.lastIndex(of: "@").map(text.index(after:)) ?? text.startIndex)...]
        var number: Substring?
        if host.hasPrefix("["), let end = host.lastIndex(of: "]") {
            let rest = host[host.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else {
                throw mistake("is not [user@]host[:port]")
            }
            number = rest.isEmpty ? nil : rest.dropFirst()
            host = host[host.index(after: host.startIndex)..<end]
        } else if let colon = host.firstIndex(of: ":"), colon == host.lastIndex(of: ":") {
            number = host[host.index(after: colon)...]
            host = host[..<colon]
        }
        guard !host.isEmpty, !host.contains("["), !host.contains("]"), user?.isEmpty != true else {
            throw mistake("is not [user@]host[:port]")
        }
        // ssh would take it for an option.
        guard !host.hasPrefix("-"), user?.hasPrefix("-") != true else {
            throw mistake("begins with -")
        }
        port = try number.map { (number) throws(Mistake) in
            guard number.allSatisfy(\.isNumber), let port = UInt16(number), port > 0 else {
                throw mistake("has no port from 1 to 65535 behind the colon")
            }
            return port
        }
        destination = (user.map { "\($0)@" } ?? "") + host
    }

    /// What a shell, here or there, would not take as it is.
    private static let forbidden = Set("'\"\\`$;&|<>(){}*?!#~^".utf8)

    /// The command that runs `relevo` over there.
    ///
    /// - Parameter ssh: RELEVO_SSH, a program and its options with blanks between them.
    package func command(_ arguments: [String], ssh: String?) -> [String] {
        var words = (ssh ?? "").split { $0 == " " || $0 == "\t" }.map(String.init)
        if words.isEmpty { words = ["ssh"] }
        words.append("-T")
        if let port { words += ["-p", "\(port)"] }
        words.append(destination)
        // ssh joins its arguments, and a shell over there takes them apart again.
        words.append((["relevo"] + arguments.map(Self.quoted)).joined(separator: " "))
        return words
    }

    /// As one word of a shell, whatever it holds.
    package static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."), UInt8(ascii: "/"):
                true
            default: false
            }
        }
        if isPlain, !word.isEmpty { return word }
        return "'"
            + word.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "'\\''") + "'"
    }
}
