package import Kernel

/// Which processes have a socket open.
package enum SocketHolders {
    /// More than any worker starts; a look stays short.
    private static let mostProcesses = 1024
    private static let mostDescriptors = 8192
    private static let mostOpen = 65_536

    /// Whether a process or one of its descendants has the socket open, at another number than the one
    /// at which it was handed over; also where that cannot be told.
    package static func hold(
        _ inode: UInt64, from root: Int32, except handedOver: Int32?
    ) -> Bool {
        var pending = [root]
        var seen = 0
        while let process = pending.popLast(), seen < mostProcesses {
            seen += 1
            do throws(KernelError) {
                if try numbers(of: inode, in: process).contains(where: { $0 != handedOver }) {
                    return true
                }
                pending += try children(of: process)
            } catch {
                if !error.saysGone { return true }
            }
        }
        return false
    }

    /// The sockets that a process and its descendants have open; nil where that cannot be told.
    package static func openSockets(from root: Int32) -> Set<UInt64>? {
        var pending = [root]
        var seen = 0
        var found: Set<UInt64> = []
        while let process = pending.popLast() {
            seen += 1
            guard seen <= mostProcesses else { return nil }
            do throws(KernelError) {
                let inodes = try ProcessView.socketInodes(of: process, atMost: mostOpen)
                guard inodes.count < mostOpen else { return nil }
                found.formUnion(inodes)
                pending += try children(of: process)
            } catch {
                if !error.saysGone { return nil }
            }
        }
        return found
    }

    /// At which numbers a process has a socket open.
    package static func numbers(
        of inode: UInt64, in process: Int32
    ) throws(KernelError) -> [Int32] {
        try ProcessView.numbers(in: "fd", of: process, atMost: mostDescriptors).filter { number in
            (try? ProcessView.link("fd/\(number)", of: process)).flatMap(SocketLink.inode) == inode
        }
    }

    /// A process that has a socket open.
    struct Holder {
        let process: Int32
        /// What it is called.
        let name: String
    }

    /// Who else has one of these sockets open, as far as that can be seen, in the order of their numbers; each is
    /// looked for when it is asked for.
    static func holders(of inodes: Set<UInt64>) -> some Sequence<Holder> {
        ((try? ProcessView.all()) ?? []).sorted().lazy.filter { process in
            guard process != ProcessView.own,
                let open = try? ProcessView.socketInodes(of: process, atMost: mostOpen)
            else { return false }
            return open.contains(where: inodes.contains)
        }.map { process in
            Holder(process: process, name: ProcessView.name(of: process))
        }
    }

    /// A process that has the socket open, by its name and number; nil where none can be seen.
    package static func name(of inode: UInt64) -> String? {
        holders(of: [inode]).first { _ in true }.map { "\($0.name), process \($0.process)" }
    }

    /// A process of Relevo's own, supervisor or keeper, that has one of these sockets open.
    package static func supervisor(of inodes: Set<UInt64>) -> Int32? {
        guard let processes = try? ProcessView.all() else { return nil }
        return processes.first { process in
            guard process != ProcessView.own,
                ProcessView.supervisors.contains(ProcessView.name(of: process)),
                let numbers = try? ProcessView.numbers(
                    in: "fd", of: process, atMost: mostDescriptors)
            else { return false }
            return numbers.contains { number in
                (try? ProcessView.link("fd/\(number)", of: process)).flatMap(SocketLink.inode)
                    .map(inodes.contains) ?? false
            }
        }
    }

    /// Whether a process waits for one of its descriptors in an epoll set.
    package static func isInEpollSet(
        _ number: Int32, of process: Int32
    ) throws(KernelError) -> Bool {
        try ProcessView.numbers(in: "fd", of: process, atMost: mostDescriptors).contains { set in
            guard (try? ProcessView.link("fd/\(set)", of: process)) == ProcessLook.epollLink,
                let text = try? ProcessView.text("fdinfo/\(set)", of: process)
            else { return false }
            return WaitSets.epoll(text).contains { $0.descriptor == number }
        }
    }

    static func children(of process: Int32) throws(KernelError) -> [Int32] {
        try ProcessView.numbers(in: "task", of: process, atMost: 4096).flatMap { thread in
            (try? ProcessView.children(of: thread, in: process)) ?? []
        }
    }
}
