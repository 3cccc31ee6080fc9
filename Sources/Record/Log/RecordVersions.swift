/// Who can read a record. A newer format may be readable by older readers, if it only adds what
/// they can do without.
package struct RecordVersions: Equatable, Sendable {
    /// What its writer writes.
    package var format: Int
    /// The oldest version that does no harm with it.
    package var readableFrom: Int

    /// Numbers are 32 bits in the file.
    package init(format: UInt32, readableFrom: UInt32) {
        self.format = Int(format)
        self.readableFrom = Int(readableFrom)
    }
}
