// relevo.h documents what is public here, and the compiler holds it to that.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

public import CRelevo
internal import CRelevoClient

@c @implementation
public func relevo_accept(
    _ worker: OpaquePointer?, _ listener: Int32, _ peer: OpaquePointer?, _ peer_length: UInt32,
    _ local: OpaquePointer?, _ local_length: UInt32, _ stray: relevo_stray?,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    unsafe told(worker) { core throws(RelevoError) in
        guard let peer = unsafe address(peer, peer_length), let stray = unsafe stray else {
            throw RelevoError(.accept, .invalid)
        }
        let made = try unsafe core.accept(
            peer, on: listener, local: address(local, local_length)
        ) { bytes, source in
            var raw = source.raw
            // As large as a struct sockaddr_in6, and aligned for it.
            var room: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
            unsafe withUnsafeMutableBytes(of: &room) { room in
                let length = unsafe relevo_sys_write_sockaddr(
                    &raw, room.baseAddress, UInt32(room.count))
                unsafe stray(
                    context, bytes.baseAddress, bytes.count,
                    room.baseAddress.map { OpaquePointer($0) }, length)
            }
        }
        return made ?? -Int32(RELEVO_SYS_NOT_SUPPORTED)
    }
}
