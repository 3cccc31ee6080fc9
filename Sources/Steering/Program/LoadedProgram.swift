import CBPF
import Kernel
import SteeringABI
import SystemPackage

/// A steering program in the kernel, not attached yet, and its maps.
struct LoadedProgram: ~Copyable {
    let program: OwnedDescriptor
    let sockets: OwnedDescriptor
    let flows: OwnedDescriptor
    let state: OwnedDescriptor
    let table: OwnedDescriptor
    /// Only of a program for sessions with an id of their own.
    let ids: OwnedDescriptor?
    /// Only of a program that places new flows by load.
    let loads: OwnedDescriptor?
    /// Only of a program that remembers flows; not of those of supervisors before it was there.
    let peers: OwnedDescriptor?

    /// Why the kernel did not take a program.
    struct Refusal: Error {
        let errno: Errno
        /// The last thing that libbpf, or the verifier through it, said.
        let remark: String
    }

    /// Loads one function of the object with maps of these sizes.
    ///
    /// - Parameters:
    ///   - ring: bytes for what is told of peers; nil where no flows are remembered.
    ///   - shared: the maps of a table that others use already.
    ///   - pack: what the program reads of its protocol. Nobody else does, so its map is not kept.
    init(
        _ object: SteeringObject, function: String, slots: Int, buckets: Int, ring: Int? = nil,
        sharing shared: TableMaps? = nil, pack: CompiledPack? = nil
    ) throws(Refusal) {
        LibraryLog.begin()
        do throws(KernelError) {
            self = try Self.load(
                object, function, slots: slots, buckets: buckets, ring: ring, shared, pack)
        } catch {
            throw Refusal(
                errno: error.errno, remark: Self.telling(LibraryLog.lines) ?? error.description)
        }
    }

    init(
        program: consuming OwnedDescriptor, sockets: consuming OwnedDescriptor,
        flows: consuming OwnedDescriptor, state: consuming OwnedDescriptor,
        table: consuming OwnedDescriptor, ids: consuming OwnedDescriptor? = nil,
        loads: consuming OwnedDescriptor? = nil, peers: consuming OwnedDescriptor? = nil
    ) {
        self.program = program
        self.sockets = sockets
        self.flows = flows
        self.state = state
        self.table = table
        self.ids = ids
        self.loads = loads
        self.peers = peers
    }

    private static func load(
        _ object: SteeringObject, _ function: String, slots: Int, buckets: Int, ring: Int?,
        _ shared: TableMaps?, _ pack: CompiledPack?
    ) throws(KernelError) -> LoadedProgram {
        let opened = unsafe object.bytes.withUnsafeBytes {
            unsafe bpf_object__open_mem($0.baseAddress, $0.count, nil)
        }
        guard let opened = unsafe opened else { throw KernelError("bpf open", .invalidArgument) }
        defer { unsafe bpf_object__close(opened) }
        var next = unsafe bpf_object__next_program(opened, nil)
        while let one = unsafe next {
            let isWanted = unsafe String(cString: bpf_program__name(one)) == function
            unsafe bpf_program__set_autoload(one, isWanted)
            unsafe next = bpf_object__next_program(opened, one)
        }
        try unsafe resize("sockets", of: opened, to: slots)
        if unsafe bpf_object__find_map_by_name(opened, "loads") != nil {
            try unsafe resize("loads", of: opened, to: LoadState.rows)
        }
        if let shared {
            try unsafe reuse("flows", of: opened, shared.flows)
            try unsafe reuse(tableName, of: opened, shared.state)
        } else {
            try unsafe resize("flows", of: opened, to: buckets)
        }
        if unsafe bpf_object__find_map_by_name(opened, "peers") != nil {
            try unsafe prepareRing(of: opened, ring, shared)
        }
        try check("bpf BPF_PROG_LOAD") { unsafe bpf_object__load(opened) < 0 ? -1 : 0 }
        if let pack { try unsafe write(pack, to: opened) }
        let ids = unsafe bpf_object__find_map_fd_by_name(opened, ".bss.ids")
        let loads = unsafe bpf_object__find_map_fd_by_name(opened, "loads")
        let peers = unsafe bpf_object__find_map_fd_by_name(opened, "peers")
        return LoadedProgram(
            program: try unsafe keep(
                bpf_program__fd(bpf_object__find_program_by_name(opened, function))),
            sockets: try unsafe keep(bpf_object__find_map_fd_by_name(opened, "sockets")),
            flows: try unsafe keep(bpf_object__find_map_fd_by_name(opened, "flows")),
            state: try unsafe keep(bpf_object__find_map_fd_by_name(opened, ".bss")),
            table: try unsafe keep(bpf_object__find_map_fd_by_name(opened, tableName)),
            ids: ids < 0 ? nil : try keep(ids), loads: loads < 0 ? nil : try keep(loads),
            peers: ring == nil || peers < 0 ? nil : try keep(peers))
    }

    /// Without flows there is nobody to be told of, and no memory is taken for it.
    private static func prepareRing(
        of object: OpaquePointer, _ size: Int?, _ shared: TableMaps?
    ) throws(KernelError) {
        guard let size else {
            let map = unsafe bpf_object__find_map_by_name(object, "peers")
            _ = try check("bpf map", on: "peers") {
                unsafe bpf_map__set_autocreate(map, false) < 0 ? -1 : 0
            }
            return
        }
        guard let shared else { return try unsafe resize("peers", of: object, to: size) }
        switch shared.peers {
        case .some(let map): try unsafe reuse("peers", of: object, map)
        // The table is of a program that tells of nobody: then this one tells nobody.
        case .none: try unsafe resize("peers", of: object, to: Int(RELEVO_PEERS_LEAST))
        }
    }

    /// The section of the program that its table's state is in.
    private static let tableName = ".bss.table"

    /// Has the program use a map that is there already.
    private static func reuse(
        _ name: String, of object: OpaquePointer, _ descriptor: borrowing OwnedDescriptor
    ) throws(KernelError) {
        let map = unsafe bpf_object__find_map_by_name(object, name)
        try descriptor.withRaw { (number) throws(KernelError) in
            _ = try check("bpf map", on: name) {
                unsafe bpf_map__reuse_fd(map, number) < 0 ? -1 : 0
            }
        }
    }

    private static func write(
        _ pack: CompiledPack, to object: OpaquePointer
    ) throws(KernelError) {
        let map = unsafe bpf_object__find_map_fd_by_name(object, ".bss.pack")
        var key = UInt32(0)
        _ = try check("bpf BPF_MAP_UPDATE_ELEM", on: "pack") {
            unsafe pack.bytes.withUnsafeBytes {
                unsafe bpf_map_update_elem(map, &key, $0.baseAddress, UInt64(BPF_ANY)) < 0 ? -1 : 0
            }
        }
    }

    private static func resize(
        _ name: String, of object: OpaquePointer, to entries: Int
    ) throws(KernelError) {
        let map = unsafe bpf_object__find_map_by_name(object, name)
        try check("bpf map", on: name) {
            unsafe bpf_map__set_max_entries(map, UInt32(entries)) < 0 ? -1 : 0
        }
    }

    /// A descriptor of our own: libbpf closes its one with the object.
    static func keep(_ number: Int32) throws(KernelError) -> OwnedDescriptor {
        let borrowed = OwnedDescriptor(adopting: number)
        do throws(KernelError) {
            let kept = try borrowed.duplicate()
            _ = borrowed.release()
            return kept
        } catch {
            _ = borrowed.release()
            throw error
        }
    }

    /// The line of a log that says why, rather than what else failed because of it.
    private static func telling(_ log: [String]) -> String? {
        let verifier = log.last { !$0.hasPrefix("libbpf:") && !$0.hasPrefix("processed ") }
        return verifier ?? log.first
    }
}

extension LoadedProgram {
    /// Puts a bound socket of the group into the socket array.
    borrowing func place<Socket: DescriptorHolder & ~Copyable>(
        _ socket: borrowing Socket, at slot: Int
    ) throws(KernelError) {
        try socket.withRaw { (number) throws(KernelError) in
            try sockets.withRaw { (map) throws(KernelError) in
                var (key, value) = (UInt32(slot), UInt64(UInt32(bitPattern: number)))
                _ = try check("bpf BPF_MAP_UPDATE_ELEM", on: "slot \(slot)") {
                    unsafe bpf_map_update_elem(map, &key, &value, UInt64(BPF_ANY)) < 0 ? -1 : 0
                }
            }
        }
    }

    /// The cookie of the socket in a slot; nil when it is empty.
    borrowing func cookie(at slot: Int) throws(KernelError) -> UInt64? {
        try sockets.withRaw { (map) throws(KernelError) in
            var (key, value) = (UInt32(slot), UInt64(0))
            do throws(KernelError) {
                _ = try check("bpf BPF_MAP_LOOKUP_ELEM", on: "slot \(slot)") {
                    unsafe bpf_map_lookup_elem(map, &key, &value) < 0 ? -1 : 0
                }
            } catch {
                if error.errno == .noSuchFileOrDirectory { return nil }
                throw error
            }
            return value
        }
    }

    /// Takes the socket out of the array.
    borrowing func clear(_ slot: Int) throws(KernelError) {
        try sockets.withRaw { (map) throws(KernelError) in
            var key = UInt32(slot)
            _ = try check("bpf BPF_MAP_DELETE_ELEM", on: "slot \(slot)") {
                unsafe bpf_map_delete_elem(map, &key) < 0 ? -1 : 0
            }
        }
    }
}
