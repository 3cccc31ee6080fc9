import Adoption
import Kernel
import Settings

/// What settings name and this machine does not have.
struct SettingsLookup {
    private(set) var mistakes: [SettingsError] = []
    private let settings: ServiceSettings
    private let draft: SettingsDraft

    init(_ settings: ServiceSettings, _ draft: SettingsDraft) {
        self.settings = settings
        self.draft = draft
        lookUpProgram()
        lookUpHooks()
        lookUpNames()
        lookUpFolders()
        for listener in settings.listeners { lookUp(listener) }
    }

    private mutating func fail(_ key: String, _ message: String) {
        mistakes.append(draft.mistake(in: key, message))
    }

    private mutating func fail(_ listener: ListenerSettings, _ message: String) {
        mistakes.append(draft.mistake(in: listener.address, message))
    }

    private mutating func lookUpProgram() {
        guard let program = settings.startedCommand.first, !program.contains("{") else { return }
        do throws(KernelError) {
            let found = try resolveExecutable(program, path: searchPath)
            let start = try readStart(of: found, atMost: 256)
            guard start.starts(with: Array("#!".utf8)) else { return }
            let words = start.dropFirst(2).prefix { $0 != 0x0a }
                .split(whereSeparator: { $0 == 0x20 || $0 == 0x09 })
            guard let interpreter = words.first.map({ KeptText.text($0) }),
                try FileStatus(of: interpreter) == nil
            else { return }
            fail("Command", "\(found) wants \(interpreter), which is not there")
        } catch {
            fail("Command", "\(error)")
        }
    }

    /// As a worker's own PATH is looked through.
    private var searchPath: String {
        settings.environment["PATH"] ?? Environment.value(of: "PATH")
            ?? Environment.usualSearchPath
    }

    private mutating func lookUpHooks() {
        for hook in settings.hooks {
            guard let program = hook.command.first else { continue }
            do throws(KernelError) {
                _ = try resolveExecutable(program, path: searchPath)
            } catch {
                fail("Hook", "\(error)")
            }
        }
    }

    private mutating func lookUpNames() {
        if let user = settings.user, (try? UserAccount(named: user)) ?? nil == nil,
            UInt32(user) == nil
        {
            fail("User", "there is no user '\(user)'")
        }
        for (key, group) in [("Group", settings.group), ("ControlGroup", settings.controlGroup)] {
            guard let group, (try? groupNumber(named: group)) ?? nil == nil, UInt32(group) == nil
            else { continue }
            fail(key, "there is no group '\(group)'")
        }
    }

    private mutating func lookUpFolders() {
        let folders =
            (settings.workingDirectory.map { [("WorkingDirectory", $0)] } ?? [])
            + (settings.release.map { [("Release", $0)] } ?? [])
            + settings.privatePaths.map { ("Private", $0) }
        for (key, folder) in folders {
            do throws(KernelError) {
                if try FileStatus(of: folder)?.kind == .folder { continue }
                fail(key, "there is no folder \(folder)")
            } catch {
                // What may not be looked into may still be there for the service.
                if error.isNothingThere { fail(key, "there is no folder \(folder)") }
            }
        }
    }

    private mutating func lookUp(_ listener: ListenerSettings) {
        guard var address = SocketAddress(listener.address.socketAddress) else { return }
        let isStream = listener.address.transport == .tcp
        let first =
            Doctor.text("/proc/sys/net/ipv4/ip_unprivileged_port_start").flatMap { UInt16($0) }
            ?? 1024
        if address.port < first, !Doctor.has(.bindLowPorts) {
            fail(listener, "a port below \(first) needs CAP_NET_BIND_SERVICE, or root")
        }
        if BoundAddresses.contains(address, stream: isStream) {
            switch AddressHolder.find(address, isStream: isStream) {
            case .worker, .program("relevod", _), .unknown: break
            case .program(let name, let process):
                fail(listener, "\(name), process \(process), listens there")
            }
        }
        // Another port, so that nobody is kept from this one.
        address.port = 0
        if listener.freeBind || listener.transparent { return }
        do throws(KernelError) {
            let socket = try DatagramSocket(for: address)
            try socket.bind(to: address)
        } catch {
            if error.isAddressUnavailable, !TentativeAddresses.contains(address) {
                fail(listener, "no interface has this address")
            }
        }
    }
}
