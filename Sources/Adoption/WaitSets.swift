/// Reads the sets of descriptors that a process keeps in its memory and in its epoll instances.
package enum WaitSets {
    /// The descriptors of a `struct pollfd` array that wait for input.
    package static func poll(_ memory: [UInt8]) -> [Int32] {
        var waiting: [Int32] = []
        for entry in 0..<memory.count / 8 {
            let descriptor = Int32(bitPattern: UInt32(word(memory, entry * 8, 4)))
            let events = word(memory, entry * 8 + 4, 2)
            if descriptor >= 0, events & inputEvents != 0 { waiting.append(descriptor) }
        }
        return waiting
    }

    /// The descriptors below `count` that a `fd_set` holds.
    package static func select(_ memory: [UInt8], count: Int) -> [Int32] {
        let inSet = 0..<min(count, memory.count * 8)
        return inSet.filter { memory[$0 / 8] & (1 << UInt8($0 % 8)) != 0 }.map { Int32($0) }
    }

    /// The members of an epoll instance that wait for input, from its fdinfo (proc_pid_fdinfo(5)).
    package static func epoll(_ fdinfo: [UInt8]) -> [EpollMember] {
        fdinfo.split(separator: UInt8(ascii: "\n")).compactMap { line in
            // "tfd:        5 events:       19 data: 5  pos:0 ino:1f3 sdev:8"
            let words = String(decoding: line, as: UTF8.self)
                .split { $0 == " " || $0 == "\t" || $0 == ":" }
            var values: [Substring: Substring] = [:]
            for index in stride(from: 0, to: words.count - 1, by: 2) {
                values[words[index]] = words[index + 1]
            }
            guard let number = values["tfd"].flatMap({ Int32($0) }),
                let events = values["events"].flatMap({ UInt64($0, radix: 16) }),
                events & inputEvents != 0
            else { return nil }
            return EpollMember(
                descriptor: number, inode: values["ino"].flatMap { UInt64($0, radix: 16) })
        }
    }

    /// POLLIN, POLLPRI and POLLRDNORM, which epoll numbers alike.
    private static let inputEvents: UInt64 = 0x43

    /// A little-endian number of so many bytes.
    private static func word(_ memory: [UInt8], _ start: Int, _ bytes: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in (0..<bytes).reversed() { value = value << 8 | UInt64(memory[start + index]) }
        return value
    }

    /// The sockets among the files that a program has registered with its io_uring and may have closed
    /// since, of its fdinfo.
    static func ring(_ text: [UInt8]) -> [UInt64] {
        text.split(whereSeparator: { $0 == 0x0a || $0 == 0x20 || $0 == 0x09 }).compactMap {
            SocketLink.inode(String(decoding: $0, as: UTF8.self))
        }
    }
}
