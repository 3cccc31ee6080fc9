import CBPF
import Kernel
import SteeringABI

/// What a map must be to be taken over.
struct MapForm: Equatable, CustomStringConvertible {
    let type: UInt32
    let valueSize: UInt32
    let entries: UInt32

    private init(_ type: bpf_map_type, valueSize: Int, entries: Int) {
        self.type = type.rawValue
        self.valueSize = UInt32(valueSize)
        self.entries = UInt32(entries)
    }

    /// The array from slots to sockets.
    static func sockets(slots: Int) -> MapForm {
        MapForm(BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, valueSize: 8, entries: slots)
    }

    static func flows(_ shape: TableShape) -> MapForm {
        MapForm(
            BPF_MAP_TYPE_ARRAY, valueSize: MemoryLayout<relevo_bucket>.size,
            entries: shape.buckets)
    }

    static let table = MapForm(
        BPF_MAP_TYPE_ARRAY, valueSize: Int(RELEVO_TABLE_SIZE), entries: 1)

    static let ids = MapForm(
        BPF_MAP_TYPE_ARRAY, valueSize: Int(RELEVO_IDS_SIZE), entries: 1)

    static let loads = MapForm(
        BPF_MAP_TYPE_ARRAY, valueSize: Int(RELEVO_LOADS_SIZE), entries: LoadState.rows)

    /// What is told of flows' peers.
    static func peers(_ shape: TableShape) -> MapForm {
        MapForm(BPF_MAP_TYPE_RINGBUF, valueSize: 0, entries: TablePeers.size(for: shape))
    }

    private static func info(
        of map: borrowing OwnedDescriptor
    ) throws(KernelError) -> bpf_map_info {
        var info = bpf_map_info()
        try unsafe askObjectInfo(of: map, into: &info, size: MemoryLayout<bpf_map_info>.size)
        return info
    }

    /// How many entries a map has, or a ring bytes.
    static func entries(of map: borrowing OwnedDescriptor) throws(KernelError) -> Int {
        Int(try info(of: map).max_entries)
    }

    /// How large an entry is, in bytes.
    static func valueSize(of map: borrowing OwnedDescriptor) throws(KernelError) -> Int {
        Int(try info(of: map).value_size)
    }

    /// The sockets of a listener that hears groups of hosts.
    static let groups = MapForm(
        BPF_MAP_TYPE_HASH, valueSize: 8, entries: Int(RELEVO_GROUP_ENTRIES))

    /// That of a program of a supervisor before is smaller.
    static func state(of map: borrowing OwnedDescriptor) throws(KernelError) -> MapForm {
        let former = Int(RELEVO_STATE_SIZE_BEFORE)
        let size = try valueSize(of: map) == former ? former : Int(RELEVO_STATE_SIZE)
        return MapForm(BPF_MAP_TYPE_ARRAY, valueSize: size, entries: 1)
    }

    var description: String { "type \(type), \(entries) of \(valueSize) bytes" }

    /// Sees that a descriptor is of such a map.
    ///
    /// - Returns: the map's id, by which a program names it.
    func check(
        _ map: borrowing OwnedDescriptor, as part: SteeringPart
    ) throws(SteeringError) -> UInt32 {
        try check(map, named: "\(part)")
    }

    @discardableResult
    func check(
        _ map: borrowing OwnedDescriptor, named part: String
    ) throws(SteeringError) -> UInt32 {
        let info: bpf_map_info
        do throws(KernelError) {
            info = try Self.info(of: map)
        } catch {
            throw SteeringError("the steering's \(part): \(error)")
        }
        let found = MapForm(
            bpf_map_type(rawValue: info.type), valueSize: Int(info.value_size),
            entries: Int(info.max_entries))
        if found == self { return info.id }
        throw SteeringError("the steering's \(part) is another map: \(found) instead of \(self)")
    }
}
