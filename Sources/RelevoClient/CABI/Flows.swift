// relevo.h documents what is public here, and the compiler holds it to that.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

internal import CRelevo
internal import CRelevoClient

@c @implementation
public func relevo_pin(
    _ worker: OpaquePointer?, _ socket: Int32, _ peer: OpaquePointer?, _ peer_length: UInt32,
    _ local: OpaquePointer?, _ local_length: UInt32
) -> Int32 {
    unsafe pin(
        worker, socket, address(peer, peer_length), address(local, local_length), isEnd: false)
}

@c @implementation
public func relevo_unpin(
    _ worker: OpaquePointer?, _ socket: Int32, _ peer: OpaquePointer?, _ peer_length: UInt32,
    _ local: OpaquePointer?, _ local_length: UInt32
) -> Int32 {
    unsafe pin(
        worker, socket, address(peer, peer_length), address(local, local_length), isEnd: true)
}

@inline(never)
private func pin(
    _ worker: OpaquePointer?, _ socket: Int32, _ peer: InternetAddress?,
    _ local: InternetAddress?, isEnd: Bool
) -> Int32 {
    unsafe told(worker) { core throws(RelevoError) in
        guard let peer else { throw RelevoError(.pin, .invalid) }
        try core.pin(peer, on: socket, local: local, isEnd: isEnd)
        return 0
    }
}

@c @implementation
public func relevo_link(
    _ worker: OpaquePointer?, _ generation: Int64, _ worker_index: Int64,
    _ label: UnsafePointer<CChar>?, _ timeout: Int32
) -> Int32 {
    unsafe told(worker) { core throws(RelevoError) in
        try unsafe core.link(
            to: target(generation), worker: index(worker_index), label: text(label),
            within: limit(timeout)
        ).descriptor
    }
}

@c @implementation
public func relevo_ask_link(
    _ worker: OpaquePointer?, _ generation: Int64, _ worker_index: Int64,
    _ label: UnsafePointer<CChar>?
) -> Int32 {
    unsafe told(worker) { core throws(RelevoError) in
        try unsafe core.askLink(
            to: target(generation), worker: index(worker_index), label: text(label))
        return 0
    }
}

private func index(_ number: Int64) -> UInt64? { number < 0 ? nil : UInt64(number) }

@inline(never)
private func target(_ generation: Int64) throws(RelevoError) -> LinkTarget {
    switch generation {
    case -1: .current
    case -2: .older
    case -3: .newer
    case 0...: .generation(UInt64(generation))
    default: throw RelevoError(.link, .invalid)
    }
}
