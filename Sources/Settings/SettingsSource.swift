/// One settings file, read by the caller; its drop-ins follow it as sources of their own.
package struct SettingsSource: Sendable {
    /// As errors shall name it.
    package let file: String
    package let bytes: [UInt8]

    package init(file: String, bytes: [UInt8]) {
        self.file = file
        self.bytes = bytes
    }

    package init(file: String, text: String) {
        self.init(file: file, bytes: Array(text.utf8))
    }
}
