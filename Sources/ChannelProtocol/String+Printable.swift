extension String {
    /// UTF-8 with what is not, and every control character, replaced: it will meet terminals.
    init(printable bytes: some Collection<UInt8>) {
        var text = ""
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            let isControl =
                scalar.properties.generalCategory == .control
                || scalar.properties.generalCategory == .format
            text.unicodeScalars.append(isControl && scalar != "\t" ? "\u{FFFD}" : scalar)
        }
        self = text
    }
}
