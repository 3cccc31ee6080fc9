/// What `/proc/PID/task/TID/syscall` says of a thread.
package enum BlockedCall: Equatable, Sendable {
    /// On a processor right now.
    case running
    /// Off the processor, but outside of any system call.
    case outside
    /// Blocked in a system call with these arguments.
    case blocked(number: UInt64, arguments: [UInt64], stackPointer: UInt64)

    /// Reads the file's one line (proc_pid_syscall(5)); nil for what has another form.
    package init?(parsing text: [UInt8]) {
        let words = text.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
        guard let first = words.first.map({ String(decoding: $0, as: UTF8.self) }) else {
            return nil
        }
        if first == "running" {
            self = .running
        } else if first == "-1" {
            self = .outside
        } else {
            let values = words.dropFirst().compactMap(Self.hexadecimal)
            guard let number = UInt64(first), values.count == 8, words.count == 9 else {
                return nil
            }
            self = .blocked(
                number: number, arguments: Array(values.prefix(6)), stackPointer: values[6])
        }
    }

    private static func hexadecimal(_ word: ArraySlice<UInt8>) -> UInt64? {
        guard word.starts(with: [UInt8(ascii: "0"), UInt8(ascii: "x")]) else { return nil }
        return UInt64(String(decoding: word.dropFirst(2), as: UTF8.self), radix: 16)
    }
}
