/// Splits a settings file into sections and assignments, systemd.syntax(7).
struct LineReader {
    private(set) var lines: [SettingsLine] = []
    private(set) var errors: [SettingsError] = []
    private let file: String
    /// The line so far, while it ends in a backslash.
    private var continued: (number: Int, bytes: [UInt8])?

    init(_ source: SettingsSource) {
        file = source.file
        var bytes = source.bytes[...]
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes = bytes.dropFirst(3) }
        let raw = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in raw.enumerated() { take(line, number: index + 1) }
        if let continued { read(continued.bytes[...], number: continued.number) }
    }

    private mutating func take(_ line: ArraySlice<UInt8>, number: Int) {
        var line = line
        while let last = line.last, LineReader.isSpace(last) { line.removeLast() }
        line = line.drop(while: LineReader.isSpace)
        // A comment between continued lines does not end them.
        if line.first == UInt8(ascii: "#") || line.first == UInt8(ascii: ";") { return }
        let goesOn = LineReader.endsInContinuation(line)
        if goesOn { line.removeLast() }
        if goesOn {
            var whole = continued ?? (number, [])
            whole.bytes += line + [UInt8(ascii: " ")]
            continued = whole
        } else if let whole = continued {
            continued = nil
            read((whole.bytes + line)[...], number: whole.number)
        } else {
            read(line, number: number)
        }
    }

    /// An even number of backslashes is that many halves of an escaped one.
    private static func endsInContinuation(_ line: ArraySlice<UInt8>) -> Bool {
        line.reversed().prefix { $0 == UInt8(ascii: "\\") }.count % 2 == 1
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0d).contains(byte)
    }

    private mutating func read(_ line: ArraySlice<UInt8>, number: Int) {
        var line = line
        while let last = line.last, LineReader.isSpace(last) { line.removeLast() }
        if line.isEmpty { return }
        guard !line.contains(0), let text = String(validating: line, as: UTF8.self) else {
            fail(number, "the line is not UTF-8 text; save the file as UTF-8")
            return
        }
        if line.first == UInt8(ascii: "[") {
            guard line.last == UInt8(ascii: "]") else {
                fail(number, "the section header '\(text)' does not end in ]")
                return
            }
            let name = String(decoding: line.dropFirst().dropLast(), as: UTF8.self)
            lines.append(SettingsLine(number: number, content: .section(name)))
            return
        }
        guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else {
            fail(number, "'\(text)' is neither a [Section] nor Key=value")
            return
        }
        var key = line[..<equals]
        while let last = key.last, LineReader.isSpace(last) { key.removeLast() }
        let value = line[line.index(after: equals)...].drop(while: LineReader.isSpace)
        lines.append(
            SettingsLine(
                number: number,
                content: .assignment(
                    key: String(decoding: key, as: UTF8.self),
                    value: String(decoding: value, as: UTF8.self))))
    }

    private mutating func fail(_ line: Int, _ message: String) {
        errors.append(SettingsError(file: file, line: line, message: message))
    }
}
