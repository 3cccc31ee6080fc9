/// What the owner of the file does to it, in the order in which it is handed out.
package enum RecordWrite: Equatable, Sendable {
    /// Puts bytes at an offset. Only a prefix of them may be there when the writer is killed.
    case bytes([UInt8], at: Int)
    /// Gives back the memory of bytes that are never read again. May be left out.
    case release(Range<Int>)
}
