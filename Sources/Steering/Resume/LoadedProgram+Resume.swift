import CBPF
import Kernel

extension LoadedProgram {
    /// Puts together again what a predecessor loaded, and sees that it is that.
    static func resumed(
        _ setup: SteeringSetup, _ take: (SteeringPart) -> OwnedDescriptor?
    ) throws(SteeringError) -> LoadedProgram {
        func part(_ part: SteeringPart) throws(SteeringError) -> OwnedDescriptor {
            guard let descriptor = take(part) else {
                throw SteeringError("the steering's \(part) is missing")
            }
            return descriptor
        }
        let loaded = LoadedProgram(
            program: try part(.program), sockets: try part(.sockets), flows: try part(.flows),
            state: try part(.steering), table: try part(.table),
            ids: setup.mode.hasIDs ? try part(.ids) : nil,
            loads: setup.placesBy == .load ? try part(.loads) : nil,
            peers: setup.mode.remembersFlows ? take(.peers) : nil)
        try loaded.check(setup)
        return loaded
    }

    private borrowing func check(_ setup: SteeringSetup) throws(SteeringError) {
        let stateForm: MapForm
        do throws(KernelError) {
            stateForm = try MapForm.state(of: state)
        } catch {
            throw SteeringError("the steering's \(SteeringPart.steering): \(error)")
        }
        var maps = [
            try MapForm.sockets(slots: setup.socketPlaces).check(sockets, as: .sockets),
            try stateForm.check(state, as: .steering),
            try MapForm.table.check(table, as: .table),
        ]
        if setup.mode.remembersFlows {
            maps.append(try MapForm.flows(setup.tableShape).check(flows, as: .flows))
        }
        if let id = try withIDs({ (ids) throws(SteeringError) in
            try MapForm.ids.check(ids, as: .ids)
        }) {
            maps.append(id)
        }
        if let id = try withLoads({ (loads) throws(SteeringError) in
            try MapForm.loads.check(loads, as: .loads)
        }) {
            maps.append(id)
        }
        if let id = try withPeers({ (peers) throws(SteeringError) in
            try MapForm.peers(setup.tableShape).check(peers, as: .peers)
        }) {
            maps.append(id)
        }
        guard try mapsOfProgram().isSuperset(of: maps) else {
            throw SteeringError("the steering's program is not the one that uses its maps")
        }
    }

    /// The ids of the maps that the program uses; none if it is not for steering.
    private borrowing func mapsOfProgram() throws(SteeringError) -> Set<UInt32> {
        var ids = [UInt32](repeating: 0, count: 16)
        let room = UInt32(ids.count)
        var info = bpf_prog_info()
        do throws(KernelError) {
            try unsafe ids.withUnsafeMutableBufferPointer { (ids) throws(KernelError) in
                info.map_ids = UInt64(UInt(bitPattern: ids.baseAddress))
                info.nr_map_ids = room
                try unsafe askObjectInfo(
                    of: program, into: &info, size: MemoryLayout<bpf_prog_info>.size)
            }
        } catch {
            throw SteeringError("the steering's program: \(error)")
        }
        if info.type != BPF_PROG_TYPE_SK_REUSEPORT.rawValue { return [] }
        return Set(ids.prefix(Int(min(info.nr_map_ids, room))))
    }

    /// Lends every descriptor, one after the other.
    borrowing func withDescriptors<Failure: Error>(
        _ body: (SteeringPart, borrowing OwnedDescriptor) throws(Failure) -> Void
    ) throws(Failure) {
        try body(.program, program)
        try body(.sockets, sockets)
        try body(.flows, flows)
        try body(.steering, state)
        try body(.table, table)
        try withIDs { (ids) throws(Failure) in try body(.ids, ids) }
        try withLoads { (loads) throws(Failure) in try body(.loads, loads) }
        try withPeers { (peers) throws(Failure) in try body(.peers, peers) }
    }

    /// Calls the body with the map of ids. A program without one is passed over.
    @discardableResult
    borrowing func withIDs<Result, Failure: Error>(
        _ body: (borrowing OwnedDescriptor) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        switch ids {
        case .some(let ids): try body(ids)
        case .none: nil
        }
    }

    /// Calls the body with the map of loads. A program without one is passed over.
    @discardableResult
    borrowing func withLoads<Result, Failure: Error>(
        _ body: (borrowing OwnedDescriptor) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        switch loads {
        case .some(let loads): try body(loads)
        case .none: nil
        }
    }

    /// Calls the body with the ring of peers. A program without one is passed over.
    @discardableResult
    borrowing func withPeers<Result, Failure: Error>(
        _ body: (borrowing OwnedDescriptor) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        switch peers {
        case .some(let peers): try body(peers)
        case .none: nil
        }
    }

    /// A descriptor of the ring of peers for its reader; nil where there is none.
    borrowing func duplicatePeers() throws(KernelError) -> OwnedDescriptor? {
        switch peers {
        case .some(let peers): try peers.duplicate()
        case .none: nil
        }
    }

    /// The slots that have a socket.
    borrowing func placedSlots(of capacity: Int) throws(KernelError) -> Set<Int> {
        var slots: Set<Int> = []
        for slot in 0..<capacity where try cookie(at: slot) != nil { slots.insert(slot) }
        return slots
    }
}
