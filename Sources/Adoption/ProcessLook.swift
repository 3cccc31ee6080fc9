import Kernel

/// What one look at one process shows of the sockets that are wanted.
struct ProcessLook {
    /// The wanted sockets that a thread waits on.
    private(set) var taken: [UInt64: WaitKind] = [:]
    /// The wanted sockets in epoll sets that no thread was caught waiting on.
    private(set) var members: Set<UInt64> = []
    /// The wanted sockets that the process has open, however little it does with them.
    private(set) var held: Set<UInt64> = []
    /// Those of them that it has open at another number than the one at which it was given them.
    private(set) var heldElsewhere: Set<UInt64> = []
    /// Whether all that it has open was looked at.
    private(set) var wasSearched = false
    /// Whether a thread was on a processor.
    private(set) var isBusy = false
    /// Why this process cannot be judged, if so.
    private(set) var obstacle: String?
    /// Whether it has an io_uring, through which it may read what it has open unseen.
    private(set) var hasRing = false
    /// The processes that its threads have started.
    private(set) var children: [Int32] = []

    private let process: Int32
    private let wanted: Set<UInt64>
    private let given: [UInt64: Int32]
    private var waitedSets: Set<Int32> = []

    /// More than any server has; a look stays short whatever the worker does.
    private static let mostThreads = 4096
    private static let mostDescriptors = 8192

    /// - Parameter given: the numbers at which the worker was given sockets when it was started.
    init(at process: Int32, for wanted: Set<UInt64>, given: [UInt64: Int32] = [:]) {
        self.process = process
        self.given = given
        self.wanted = wanted
        guard let architecture = Architecture.current else {
            obstacle = "the system calls of this processor are not known"
            return
        }
        attempt { look throws(KernelError) in
            let threads = try ProcessView.numbers(
                in: "task", of: process, atMost: Self.mostThreads)
            for thread in threads where look.taken.count < wanted.count {
                look.inspect(thread, on: architecture)
            }
            if look.taken.count < wanted.count { try look.scanDescriptors() }
            look.wasSearched = true
        }
    }

    /// Runs a part of the look: what is gone is not seen, what is forbidden is an obstacle.
    private mutating func attempt(_ part: (inout ProcessLook) throws(KernelError) -> Void) {
        do throws(KernelError) {
            try part(&self)
        } catch {
            if error.saysGone { return }
            obstacle =
                error.isPermissionDenied
                ? "not permitted to look into process \(process) "
                    + "(CAP_SYS_PTRACE, or a worker of the supervisor's own user)"
                : "\(error)"
        }
    }

    private mutating func inspect(_ thread: Int32, on architecture: Architecture) {
        attempt { look throws(KernelError) in
            look.children += try ProcessView.children(of: thread, in: look.process)
        }
        attempt { look throws(KernelError) in
            let text = try ProcessView.line("task/\(thread)/syscall", of: look.process)
            switch BlockedCall(parsing: text) {
            case .running: look.isBusy = true
            case .outside, nil: break
            case .blocked(let number, let arguments, let stackPointer):
                guard stackPointer >= 1 << 32 else {
                    look.obstacle = "process \(look.process) runs a 32-bit program"
                    return
                }
                if let call = WaitCall(number, arguments, on: architecture) {
                    try look.follow(call)
                }
            }
        }
    }

    private mutating func follow(_ call: WaitCall) throws(KernelError) {
        switch call {
        case .read(let descriptor): try note([descriptor], .read)
        case .poll(let address, let count):
            let memory = try ProcessView.memory(at: address, count: count * 8, of: process)
            try note(WaitSets.poll(memory), .poll)
        case .select(let readSet, let count):
            guard readSet != 0 else { return }
            let bytes = (count + 63) / 64 * 8
            let memory = try ProcessView.memory(at: readSet, count: bytes, of: process)
            try note(WaitSets.select(memory, count: count), .select)
        case .epoll(let set):
            guard waitedSets.insert(set).inserted else { return }
            for inode in try socketsIn(set, nested: true) { taken[inode] = .epoll }
        case .ring: hasRing = true
        }
    }

    private mutating func note(_ descriptors: [Int32], _ kind: WaitKind) throws(KernelError) {
        for descriptor in descriptors {
            guard let inode = try socket(behind: descriptor) else { continue }
            if wanted.contains(inode) { taken[inode] = kind }
        }
    }

    /// The wanted sockets in an epoll set, and in the sets inside it.
    private func socketsIn(_ set: Int32, nested: Bool) throws(KernelError) -> Set<UInt64> {
        var found: Set<UInt64> = []
        let members = WaitSets.epoll(try ProcessView.text("fdinfo/\(set)", of: process))
        for member in members.prefix(Self.mostDescriptors) {
            if let inode = member.inode, wanted.contains(inode) {
                found.insert(inode)
            } else if let link = try? ProcessView.link("fd/\(member.descriptor)", of: process) {
                if nested, link == Self.epollLink {
                    found.formUnion(try socketsIn(member.descriptor, nested: false))
                } else if member.inode == nil, let inode = SocketLink.inode(link),
                    wanted.contains(inode)
                {
                    found.insert(inode)
                }
            }
        }
        return found
    }

    private func socket(behind descriptor: Int32) throws(KernelError) -> UInt64? {
        SocketLink.inode(try ProcessView.link("fd/\(descriptor)", of: process))
    }

    /// Goes through all descriptors, for what no blocked thread showed.
    private mutating func scanDescriptors() throws(KernelError) {
        let descriptors = try ProcessView.numbers(
            in: "fd", of: process, atMost: Self.mostDescriptors)
        for descriptor in descriptors {
            guard let link = try? ProcessView.link("fd/\(descriptor)", of: process) else {
                continue
            }
            if let inode = SocketLink.inode(link) {
                guard wanted.contains(inode) else { continue }
                held.insert(inode)
                if given[inode] != descriptor { heldElsewhere.insert(inode) }
            } else if link == Self.epollLink, !waitedSets.contains(descriptor) {
                attempt { look throws(KernelError) in
                    look.members.formUnion(try look.socketsIn(descriptor, nested: true))
                }
            } else if link == Self.ringLink {
                hasRing = true
                attempt { look throws(KernelError) in
                    let text = try ProcessView.text("fdinfo/\(descriptor)", of: look.process)
                    let inRing = WaitSets.ring(text).filter(look.wanted.contains)
                    look.held.formUnion(inRing)
                    look.heldElsewhere.formUnion(inRing)
                }
            }
        }
    }

    static let epollLink = "anon_inode:[eventpoll]"
    private static let ringLink = "anon_inode:[io_uring]"
}
