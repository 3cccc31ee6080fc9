package import Kernel

extension KeeperLink {
    /// Starts a keeper and waits until it is at hand.
    ///
    /// - Parameters:
    ///   - executable: a program that has `KeeperProcess.run` behind the first argument `keeper`;
    ///     as a rule `ownExecutable()`.
    ///   - path: where later supervisors find it.
    package static func start(
        executable: String, at path: String, _ rule: StopRule, in loop: EventLoop
    ) throws(KeeperError) -> KeeperLink {
        let link = try spawn(executable, path, rule, loop)
        try link.waitForWelcome()
        return link
    }

    /// Starts a keeper, which can be asked at once and tells with `greeted` that it is at hand.
    package static func begin(
        executable: String, at path: String, _ rule: StopRule, in loop: EventLoop
    ) throws(KeeperError) -> KeeperLink {
        let link = try spawn(executable, path, rule, loop)
        link.expectWelcome()
        return link
    }

    private static func spawn(
        _ executable: String, _ path: String, _ rule: StopRule, _ loop: EventLoop
    ) throws(KeeperError) -> KeeperLink {
        do {
            var pair = try UnixConnectionPair(kind: .sequencedPacket)
            let ours = pair.takeFirst()
            let theirs = pair.takeSecond()
            // All that a service has goes out before the keeper runs, and is safe from then on.
            try? ours.growSendBuffer(to: 4 << 20)
            // Not the keeper's to bind: a next supervisor that comes before it runs would find nobody, and
            // what is on its way to it.
            let door = try listen(at: path)
            var plan = SpawnPlan(
                executable: executable, arguments: [executable] + arguments(path),
                environment: Environment.strings())
            // What a terminal or a process group is sent is not for it.
            plan.session = .newSession
            var descriptors = DescriptorPlan()
            try descriptors.place(theirs, at: KeeperProcess.channelNumber)
            try descriptors.place(door, at: KeeperProcess.doorNumber)
            _ = consume theirs
            _ = consume door
            let child = try ChildProcess.spawn(plan, descriptors: descriptors)
            // Not reaped yet: the number is nobody else's.
            return try KeeperLink(
                ours, rule, in: loop, child: try KeptProcess(opening: child.pid))
        } catch let error as KeeperError {
            throw error
        } catch {
            throw .unreachable("\(error)")
        }
    }

    private static func listen(at path: String) throws -> UnixListener {
        do throws(KernelError) {
            return try UnixListener(at: UnixAddress(path), kind: .sequencedPacket)
        } catch {
            guard error.isAddressInUse else { throw error }
            throw KeeperError.refused("another keeper is there")
        }
    }

    /// Reaches a keeper that an earlier supervisor has started.
    package static func connect(
        at path: String, _ rule: StopRule, in loop: EventLoop
    ) throws(KeeperError) -> KeeperLink {
        let connection: UnixConnection
        do throws(KernelError) {
            connection = try UnixConnection(to: UnixAddress(path), kind: .sequencedPacket)
        } catch {
            throw .unreachable("\(error)")
        }
        let link = try KeeperLink(connection, rule, in: loop, asksForContents: true)
        try link.waitForWelcome()
        return link
    }

    /// Reaches the keeper at the other end of a life line.
    package static func connect(
        over lifeLine: borrowing UnixConnection, _ rule: StopRule, in loop: EventLoop
    ) throws(KeeperError) -> KeeperLink {
        do {
            var pair = try UnixConnectionPair(kind: .sequencedPacket)
            let theirs = SharedDescriptor(pair.takeSecond().intoDescriptor())
            guard try lifeLine.send([PacketFormat.version], lending: [theirs]) else {
                throw KeeperError.unreachable("nobody reads the life line")
            }
            let link = try KeeperLink(pair.takeFirst(), rule, in: loop, asksForContents: true)
            try link.waitForWelcome()
            return link
        } catch let error as KeeperError {
            throw error
        } catch {
            throw .unreachable("\(error)")
        }
    }

    /// Whether a process is a keeper that is found there, or was forked by one a moment ago.
    package static func isKeeper(_ process: Int32, at path: String) -> Bool {
        let words = ((try? ProcessView.text("cmdline", of: process)) ?? []).split(separator: 0)
        return words.dropFirst().elementsEqual(arguments(path).map { Array($0.utf8) }) {
            $0.elementsEqual($1)
        }
    }

    private static func arguments(_ path: String) -> [String] { ["keeper", path] }

    /// The program of this process, as long as it is where it was started from.
    package static func ownExecutable() throws(KernelError) -> String {
        let link = "/proc/self/exe"
        let path = try readLink(link)
        // Another file may have its name by now; the link still leads to this one.
        let same = try FileStatus(of: path)?.inode == FileStatus(of: link)?.inode
        return same ? path : link
    }
}
