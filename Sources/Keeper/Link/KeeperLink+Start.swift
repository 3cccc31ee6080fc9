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
        do {
            var pair = try UnixConnectionPair(kind: .sequencedPacket)
            let ours = pair.takeFirst()
            let theirs = pair.takeSecond()
            var plan = SpawnPlan(
                executable: executable, arguments: [executable, "keeper", path],
                environment: Environment.strings())
            // What a terminal or a process group is sent is not for it.
            plan.session = .newSession
            var descriptors = DescriptorPlan()
            try descriptors.place(theirs, at: KeeperProcess.channelNumber)
            _ = consume theirs
            _ = try ChildProcess.spawn(plan, descriptors: descriptors)
            let link = try KeeperLink(ours, rule, in: loop)
            link.isChild = true
            return link
        } catch let error as KeeperError {
            throw error
        } catch {
            throw .unreachable("\(error)")
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
        return try KeeperLink(connection, rule, in: loop, asksForContents: true)
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
            return try KeeperLink(pair.takeFirst(), rule, in: loop, asksForContents: true)
        } catch let error as KeeperError {
            throw error
        } catch {
            throw .unreachable("\(error)")
        }
    }

    /// The program of this process, as long as it is where it was started from.
    package static func ownExecutable() throws(KernelError) -> String {
        let link = "/proc/self/exe"
        let path = try readLink(link)
        // Another file may have its name by now; the link still leads to this one.
        let same = try FileStatus(of: path)?.inode == FileStatus(of: link)?.inode
        return same ? path : link
    }
}
