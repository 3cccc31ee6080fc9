import CKernel
import Glibc
import SystemPackage

/// Looks into a process through /proc; every look may find it gone or forbidden.
package enum ProcessView {
    /// The longest text taken of one file; what lies behind it is left unread.
    private static let longest = 1 << 20

    /// The text of a file below `/proc/PID`, such as "fdinfo/7".
    package static func text(_ file: String, of process: Int32) throws(KernelError) -> [UInt8] {
        let path = "/proc/\(process)/\(file)"
        let descriptor = try openFile(path, O_RDONLY)
        var text: [UInt8] = []
        // A short read is the end of such a file only when it is empty.
        while text.count < longest {
            let chunk = try read(descriptor, text.isEmpty ? 4096 : 65536, path)
            if chunk.isEmpty { break }
            text += chunk
        }
        return text
    }

    /// The text of a file of one line, such as "task/12/syscall", which comes whole in one read.
    package static func line(_ file: String, of process: Int32) throws(KernelError) -> [UInt8] {
        let path = "/proc/\(process)/\(file)"
        return try read(try openFile(path, O_RDONLY), 4096, path)
    }

    /// The children of one thread, as far as a line of 4096 bytes tells them, those that have ended included
    /// (proc_tid_children(5)).
    package static func children(
        of thread: Int32, in process: Int32
    ) throws(KernelError) -> [Int32] {
        processes(try line("task/\(thread)/children", of: process))
    }

    /// The numbers of processes in a text of the kernel's.
    static func processes(_ text: [UInt8]) -> [Int32] {
        text.split(separator: UInt8(ascii: " ")).compactMap {
            Int32(String(decoding: $0, as: UTF8.self))
        }
    }

    /// The entries of the environment that a process was started with; none where it cannot be read.
    package static func environment(of process: Int32) -> [ArraySlice<UInt8>] {
        ((try? text("environ", of: process)) ?? []).split(separator: 0)
    }

    private static func read(
        _ file: borrowing OwnedDescriptor, _ room: Int, _ path: String
    ) throws(KernelError) -> [UInt8] {
        let number = file.number
        return try unsafe fill(room) { buffer throws(KernelError) in
            try check("read", on: path) {
                unsafe Glibc.read(number, buffer.baseAddress, room)
            }
        }
    }

    /// What a link below `/proc/PID` points to, such as "socket:[123]".
    package static func link(_ file: String, of process: Int32) throws(KernelError) -> String {
        let path = "/proc/\(process)/\(file)"
        let target = try unsafe fill(4096) { buffer throws(KernelError) in
            try check("readlink", on: path) {
                unsafe buffer.withMemoryRebound(to: CChar.self) { text in
                    guard let start = text.baseAddress else { return -1 }
                    return unsafe readlink(path, start, text.count)
                }
            }
        }
        return KeptText.text(target)
    }

    /// The numbers that a folder below `/proc/PID` has entries for: threads, descriptors.
    package static func numbers(
        in folder: String, of process: Int32, atMost limit: Int
    ) throws(KernelError) -> [Int32] {
        let path = "/proc/\(process)/\(folder)"
        let number = try check("open", on: path) {
            unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        guard let stream = unsafe fdopendir(number) else {
            let reason = Errno(rawValue: errno)
            close(number)
            throw KernelError("fdopendir", reason, on: path)
        }
        defer { unsafe closedir(stream) }
        var numbers: [Int32] = []
        while numbers.count < limit, let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if let value = Int32(name) { numbers.append(value) }
        }
        return numbers
    }

    /// Reads the memory of another process; shorter where its mapping ends.
    package static func memory(
        at address: UInt64, count: Int, of process: Int32
    ) throws(KernelError) -> [UInt8] {
        let path = "/proc/\(process)/mem"
        guard count > 0, let start = Int(exactly: address) else { return [] }
        let descriptor = OwnedDescriptor(
            adopting: try check("open", on: path) { unsafe open(path, O_RDONLY | O_CLOEXEC) })
        return try descriptor.withRaw { number throws(KernelError) in
            try unsafe fill(count) { buffer throws(KernelError) in
                try check("pread", on: path) {
                    unsafe pread(number, buffer.baseAddress, count, start)
                }
            }
        }
    }

    /// An array of what `read` puts into a buffer of `room` bytes.
    private static func fill(
        _ room: Int, _ read: (UnsafeMutableBufferPointer<UInt8>) throws(KernelError) -> Int
    ) throws(KernelError) -> [UInt8] {
        var failure: KernelError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            do throws(KernelError) {
                count = try unsafe read(buffer)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }
}

extension ProcessView {
    /// The processes that this one sees in /proc.
    package static func all() throws(KernelError) -> [Int32] {
        try listFolder("/proc").compactMap { Int32($0) }
    }

    /// This process.
    package static var own: Int32 { getpid() }

    /// What a process is called (proc_pid_comm(5)); empty where it cannot be read.
    package static func name(of process: Int32) -> String {
        KeptText.text(((try? line("comm", of: process)) ?? []).prefix { $0 != 0x0a })
    }

    /// Whether a service manager is called so, which keeps sockets and reads none.
    package static func isServiceManager(_ name: String) -> Bool { name.hasPrefix("systemd") }

    /// What Relevo's own processes are called that hold sockets: the supervisor and its keeper.
    package static let supervisors: Set<String> = ["relevod", "relevo-keeper"]
}

extension ProcessView {
    /// More generations than any service has between its main process and another.
    private static let mostAncestors = 32

    /// Whether a process is another one or comes from it, its parents being there still; one that has
    /// ended does not.
    package static func descends(_ process: Int32, from ancestor: Int32) -> Bool {
        process == ancestor || ancestors(of: process).contains(ancestor)
    }

    /// A process's parent, the parent of that one and so on, as far as they are there.
    package static func ancestors(of process: Int32) -> [Int32] {
        var found: [Int32] = []
        var process = process
        while found.count < mostAncestors, process > 1, let parent = try? parent(of: process) {
            found.append(parent)
            process = parent
        }
        return found
    }

    /// The parent of a process (proc_pid_stat(5)); nil for what cannot be read.
    private static func parent(of process: Int32) throws(KernelError) -> Int32? {
        let line = try line("stat", of: process)
        // The name before it may hold anything, parentheses too.
        guard let end = line.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = line[line.index(after: end)...].split(separator: UInt8(ascii: " "))
        return fields.count > 1 ? Int32(String(decoding: fields[1], as: UTF8.self)) : nil
    }
}

extension ProcessView {
    /// The inodes of the sockets that a process has open.
    package static func socketInodes(
        of process: Int32, atMost limit: Int
    ) throws(KernelError) -> [UInt64] {
        var failure: KernelError?
        let inodes = unsafe [UInt64](unsafeUninitializedCapacity: limit) { room, count in
            do throws(KernelError) {
                count = try check("open", on: "/proc/\(process)/fd") {
                    unsafe relevo_socket_inodes(process, room.baseAddress, room.count)
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return inodes
    }
}
