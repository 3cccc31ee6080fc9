import Glibc
import SystemPackage

/// A file that is held open, so that it stays what it is when its name goes to another one.
package struct HeldFile: DescriptorHolder, ~Copyable {
    private let descriptor: OwnedDescriptor

    package init(adopting descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    /// Opens a regular file; where it may not be read, only to be executed.
    package init(_ path: String) throws(KernelError) {
        do throws(KernelError) {
            // What became a FIFO a moment ago must not keep anybody waiting.
            descriptor = try openFile(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        } catch {
            guard error.isPermissionDenied else { throw error }
            descriptor = try openFile(path, openPathOnly)
        }
    }

    package borrowing func status() throws(KernelError) -> FileStatus {
        try descriptor.withRaw { (number) throws(KernelError) in try FileStatus(ofFile: number) }
    }

    /// That many bytes from an offset; fewer at its end, none where it may not be read.
    package borrowing func bytes(_ count: Int, at offset: Int) -> [UInt8] {
        guard count > 0, offset >= 0 else { return [] }
        return descriptor.withRaw { number in
            var bytes = [UInt8](repeating: 0, count: count)
            var filled = 0
            while filled < count {
                let more = unsafe bytes.withUnsafeMutableBytes { room in
                    unsafe pread(
                        number, room.baseAddress?.advanced(by: filled), count - filled,
                        off_t(offset + filled))
                }
                if more <= 0, more == 0 || errno != EINTR { break }
                filled += max(0, more)
            }
            return Array(bytes.prefix(filled))
        }
    }

    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try descriptor.withRaw(body)
    }
}
