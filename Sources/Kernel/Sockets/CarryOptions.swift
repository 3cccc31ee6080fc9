import CKernel
import Glibc

/// Makes one socket like another, for a program that takes it for that one: options and file flags.
///
/// - Returns: what could not be carried over, as the man pages call it, with the reason.
package func carryOptions(
    from source: borrowing some DescriptorHolder & ~Copyable,
    to target: borrowing some DescriptorHolder & ~Copyable
) -> [String] {
    source.withRaw { source in
        target.withRaw { target in
            optionsLeft(from: source, to: target) + buffersLeft(from: source, to: target)
                + flagsLeft(from: source, to: target)
        }
    }
}

private func optionsLeft(from source: Int32, to target: Int32) -> [String] {
    var left: [String] = []
    var index = 0
    while let option = unsafe relevo_option_at(index) {
        index += 1
        do throws(KernelError) {
            try check("setsockopt") { unsafe relevo_option_carry(option, source, target) }
        } catch {
            left.append("\(unsafe String(cString: option.pointee.label)) (\(error.errno))")
        }
    }
    if relevo_has_filter(source) != 0 { left.append("SO_ATTACH_FILTER") }
    return left
}

/// Buffers are never made smaller: nobody misses what is not dropped.
private func buffersLeft(from source: Int32, to target: Int32) -> [String] {
    var left: [String] = []
    let buffers: [(StaticString, Int32, (Int32, Int) throws(KernelError) -> Void)] = [
        (
            "SO_RCVBUF", SO_RCVBUF,
            { (socket, size) throws(KernelError) in
                try growReceiveBuffer(of: socket, to: size)
            }
        ),
        (
            "SO_SNDBUF", SO_SNDBUF,
            { (socket, size) throws(KernelError) in
                try growSendBuffer(of: socket, to: size)
            }
        ),
    ]
    for (label, name, grow) in buffers {
        do throws(KernelError) {
            let wanted = try option("getsockopt", of: source, name, initial: Int32(0))
            let present = try option("getsockopt", of: target, name, initial: Int32(0))
            // The kernel counts twice what it is asked for.
            if wanted > present { try grow(target, Int(wanted) / 2) }
        } catch {
            left.append("\(label) (\(error.errno))")
        }
    }
    return left
}

/// The flags belong to the open description, which only the worker and we have.
private func flagsLeft(from source: Int32, to target: Int32) -> [String] {
    do throws(KernelError) {
        let wanted = try check("fcntl F_GETFL") { fcntl(source, F_GETFL) }
        let present = try check("fcntl F_GETFL") { fcntl(target, F_GETFL) }
        let flags = present & ~O_NONBLOCK | wanted & O_NONBLOCK
        if flags != present { try check("fcntl F_SETFL") { fcntl(target, F_SETFL, flags) } }
        return wanted & O_ASYNC == 0 ? [] : ["O_ASYNC"]
    } catch {
        return ["O_NONBLOCK (\(error.errno))"]
    }
}
