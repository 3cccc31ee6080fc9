import CBPF
package import Kernel
import SteeringABI
import SystemPackage

/// The filter that keeps datagrams for a group of hosts (multicast, broadcast) from the sockets of one
/// listener that are not to hear them, and counts what it drops.
///
/// It is attached to a socket once. Who hears is two words of one map: for each socket in which choices it
/// hears, and which choice is in force. A flip is one store.
package final class GroupFilter {
    private struct Loaded: ~Copyable {
        let program: OwnedDescriptor
        let map: OwnedDescriptor
    }

    private let loaded: Loaded

    /// What the next supervisor needs of it.
    package enum Part: String, CaseIterable, Sendable {
        case program = "groupProgram"
        case map = "groupSockets"
    }

    /// Loads the program.
    ///
    /// - Throws: what is missing, as a rule CAP_BPF.
    package init() throws(SteeringError) {
        do throws(KernelError) {
            loaded = try Self.load()
        } catch {
            throw SteeringError(
                "\(error)", isPermission: error.isPermissionDenied,
                refusal: error.isPermissionDenied ? .here : nil)
        }
    }

    /// Goes on with what a predecessor has loaded; nil where it has left none.
    package init?(resuming take: (Part) -> OwnedDescriptor?) {
        guard let program = take(.program), let map = take(.map),
            (try? MapForm.groups.check(map, named: "sockets for groups")) != nil
        else { return nil }
        loaded = Loaded(program: program, map: map)
    }

    /// Lends the descriptors by which the next supervisor can take over.
    package func withDescriptors(_ body: (Part, borrowing OwnedDescriptor) -> Void) {
        body(.program, loaded.program)
        body(.map, loaded.map)
    }

    /// Takes a socket in, and attaches the filter to it where there is none. Known already, it hears as before.
    ///
    /// - Parameter hears: whether it is to hear groups until the next flip.
    package func join(
        _ socket: borrowing some DescriptorHolder & ~Copyable, hearing hears: Bool
    ) throws(KernelError) {
        let cookie = try socket.socketCookie()
        try set(key(cookie, RELEVO_GROUP_UNHEARD), to: 0, onlyNew: true)
        try set(key(cookie, RELEVO_GROUP_HEARS), to: hears ? 3 : 0, onlyNew: true)
        try attach(to: socket)
    }

    /// Forgets a socket: nothing is kept from it any more.
    package func leave(_ cookie: UInt64) {
        remove(key(cookie, RELEVO_GROUP_HEARS))
        remove(key(cookie, RELEVO_GROUP_UNHEARD))
    }

    /// Attaches the filter where there is none; one of somebody else's stays.
    package func attach(
        to socket: borrowing some DescriptorHolder & ~Copyable
    ) throws(KernelError) {
        if try socket.isTurnedFromGroups() {
            // Of a supervisor that could not count.
        } else if try socket.glance().hasFilter {
            return
        }
        try socket.attachFilter(program: loaded.program)
    }

    /// Has one socket hear groups, or not, in the choice that is in force.
    package func turn(_ cookie: UInt64, hearing hears: Bool) throws(KernelError) {
        try set(key(cookie, RELEVO_GROUP_HEARS), to: hears ? 3 : 0)
    }

    /// The flip: these sockets hear from here on and the others of them do not, with one store.
    package func flip(_ sockets: [(cookie: UInt64, hears: Bool)]) throws(KernelError) {
        let current = value(of: key(0, RELEVO_GROUP_CURRENT))
        let next = current.map { 1 - ($0 & 1) } ?? 0
        for (cookie, hears) in sockets {
            let place = key(cookie, RELEVO_GROUP_HEARS)
            let other = (value(of: place) ?? 0) & (1 << (1 - next))
            try set(place, to: other | (hears ? 1 << next : 0))
        }
        try set(key(0, RELEVO_GROUP_CURRENT), to: next)
    }

    /// Whether a socket hears groups now.
    package func hears(_ cookie: UInt64) -> Bool {
        guard let current = value(of: key(0, RELEVO_GROUP_CURRENT)),
            let choices = value(of: key(cookie, RELEVO_GROUP_HEARS))
        else { return true }
        return choices >> (current & 1) & 1 == 1
    }

    /// How many datagrams were kept from a socket on purpose: the kernel counts them as dropped there.
    package func unheard(by cookie: UInt64) -> Int {
        Int(clamping: value(of: key(cookie, RELEVO_GROUP_UNHEARD)) ?? 0)
    }

    private func key(_ cookie: UInt64, _ part: Int) -> relevo_group_key {
        relevo_group_key(cookie: cookie, part: UInt64(part))
    }

    private func value(of key: relevo_group_key) -> UInt64? {
        loaded.map.withRaw { number in
            var (key, value) = (key, UInt64(0))
            let status = unsafe bpf_map_lookup_elem(number, &key, &value)
            return status < 0 ? nil : value
        }
    }

    private func set(
        _ key: relevo_group_key, to value: UInt64, onlyNew: Bool = false
    ) throws(KernelError) {
        try loaded.map.withRaw { (number) throws(KernelError) in
            var (key, value) = (key, value)
            let flags = UInt64(onlyNew ? BPF_NOEXIST : BPF_ANY)
            do throws(KernelError) {
                _ = try check("bpf BPF_MAP_UPDATE_ELEM", on: "socket \(key.cookie)") {
                    unsafe bpf_map_update_elem(number, &key, &value, flags) < 0 ? -1 : 0
                }
            } catch {
                if !onlyNew || error.errno != .fileExists { throw error }
            }
        }
    }

    private func remove(_ key: relevo_group_key) {
        loaded.map.withRaw { number in
            var key = key
            _ = unsafe bpf_map_delete_elem(number, &key)
        }
    }

    private static func load() throws(KernelError) -> Loaded {
        LibraryLog.begin()
        let object = SteeringObject.groups
        let opened = unsafe object.bytes.withUnsafeBytes {
            unsafe bpf_object__open_mem($0.baseAddress, $0.count, nil)
        }
        guard let opened = unsafe opened else { throw KernelError("bpf open", .invalidArgument) }
        defer { unsafe bpf_object__close(opened) }
        try check("bpf BPF_PROG_LOAD") { unsafe bpf_object__load(opened) < 0 ? -1 : 0 }
        let program = unsafe bpf_object__find_program_by_name(opened, "group_filter")
        return Loaded(
            program: try unsafe LoadedProgram.keep(bpf_program__fd(program)),
            map: try unsafe LoadedProgram.keep(bpf_object__find_map_fd_by_name(opened, "groups")))
    }
}
