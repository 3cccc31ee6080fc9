import Glibc
import SystemPackage

/// A file that must outlive the machine, in a folder to which others may write: nothing in it is believed.
package enum StateFile {
    /// All bytes of a file; nil where there is none.
    ///
    /// - Throws: where it is no file, or longer than that.
    package static func read(_ path: String, atMost most: Int) throws(KernelError) -> [UInt8]? {
        let file: OwnedDescriptor
        do throws(KernelError) {
            // A pipe without a writer must not hold anybody up.
            file = try openFile(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            return nil
        }
        let status = try FileStatus(ofFile: file.number)
        guard status.kind == .regular else { throw KernelError("read", .invalidArgument, on: path) }
        guard status.size <= Int64(most) else { throw KernelError("read", .overflow, on: path) }
        let bytes = try readAll(of: file.number, on: path)
        guard bytes.count <= most else { throw KernelError("read", .overflow, on: path) }
        return bytes
    }

    /// Makes these bytes all that is in a file: after a power cut it is the one or the other. A full disk leaves
    /// what was there.
    package static func replace(_ path: String, with bytes: [UInt8]) throws(KernelError) {
        let new = path + ".new"
        do throws(KernelError) {
            try write(new, bytes)
            try renameFile(new, to: path)
        } catch {
            _ = try? removeFile(new)
            throw error
        }
        let folder = try openFile(
            "/" + path.split(separator: "/").dropLast().joined(separator: "/"),
            O_RDONLY | O_DIRECTORY)
        let number = folder.number
        try check("fsync", on: path) { fsync(number) }
    }

    /// Adds to a file that only this process writes to. Where it would be longer than that, it first becomes the
    /// older one. What does not go in whole is taken out again.
    package static func append(
        _ bytes: [UInt8], to path: String, atMost most: Int, older: String
    ) throws(KernelError) {
        var file = try open(path)
        var size = try FileStatus(ofFile: file.number).size
        if size > 0, size + Int64(bytes.count) > Int64(most) {
            try renameFile(path, to: older)
            file = try open(path)
            size = try FileStatus(ofFile: file.number).size
        }
        do throws(KernelError) {
            try file.writeAll(bytes)
        } catch {
            let (number, length) = (file.number, Int(size))
            try check("ftruncate", on: path) { ftruncate(number, length) }
            throw error
        }
    }

    private static func open(_ path: String) throws(KernelError) -> OwnedDescriptor {
        let file = try openFile(
            path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK, mode: 0o600)
        guard try FileStatus(ofFile: file.number).kind == .regular else {
            throw KernelError("write", .invalidArgument, on: path)
        }
        return file
    }

    private static func write(_ path: String, _ bytes: [UInt8]) throws(KernelError) {
        let file = try openFile(
            path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK, mode: 0o600)
        try file.writeAll(bytes)
        let number = file.number
        try check("fsync", on: path) { fsync(number) }
    }
}
