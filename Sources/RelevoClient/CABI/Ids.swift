// relevo.h documents what is public here, and the compiler holds it to that.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

public import CRelevo
internal import CRelevoClient

@c @implementation
public func relevo_make_id(
    _ worker: OpaquePointer?, _ socket: Int32, _ configuration: UInt32,
    _ id: UnsafeMutablePointer<UInt8>?
) -> Int32 {
    unsafe relevo_make_id_behind(worker, socket, configuration, nil, 0, id)
}

@c @implementation
public func relevo_make_id_behind(
    _ worker: OpaquePointer?, _ socket: Int32, _ configuration: UInt32,
    _ server: UnsafePointer<UInt8>?, _ count: Int, _ id: UnsafeMutablePointer<UInt8>?
) -> Int32 {
    unsafe told(worker) { core throws(RelevoError) in
        guard let id = unsafe id, let narrow = UInt8(exactly: configuration),
            let server = unsafe idBytes(server, count)
        else { throw RelevoError(.makeID, .invalid) }
        let bytes = try core.makeID(on: socket, configuration: narrow, server: server)
        for index in 0..<bytes.count { unsafe id[index] = bytes[index] }
        return Int32(bytes.count)
    }
}

@c @implementation
public func relevo_owns_id(
    _ worker: OpaquePointer?, _ socket: Int32, _ id: UnsafePointer<UInt8>?, _ count: Int
) -> Int32 {
    unsafe told(worker) { core throws(RelevoError) in
        guard let bytes = unsafe idBytes(id, count) else { return 0 }
        return try core.owns(bytes, on: socket) ? 1 : 0
    }
}

@c @implementation
public func relevo_read_id(_ id: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let bytes = unsafe idBytes(id, count), bytes.isRoutable else {
        return -Int32(RELEVO_SYS_INVALID)
    }
    return Int32(bytes.namedStay)
}

/// nil for more than any id has.
private func idBytes(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8]? {
    guard count >= 0, count <= 20, unsafe bytes != nil || count == 0 else { return nil }
    return unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
}
