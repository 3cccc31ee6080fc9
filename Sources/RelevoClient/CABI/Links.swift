// relevo.h documents what is public here, and the compiler holds it to that.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

public import CRelevo
internal import CRelevoClient

@c @implementation
public func relevo_link_adopt(
    _ descriptor: Int32, _ link: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
    told { () throws(RelevoError) in
        let box = LinkBox(try LinkCore(adopting: descriptor))
        guard let link = unsafe link else { throw RelevoError(.link, .invalid) }
        unsafe link.pointee = OpaquePointer(Unmanaged.passRetained(box).toOpaque())
        return 0
    }
}

@c @implementation
public func relevo_link_close(_ link: OpaquePointer?) {
    guard let link = unsafe link else { return }
    unsafe Unmanaged<LinkBox>.fromOpaque(UnsafeRawPointer(link)).release()
}

@c @implementation
public func relevo_link_descriptor(_ link: OpaquePointer?) -> Int32 {
    unsafe told(link: link) { box throws(RelevoError) in box.core.socket.number }
}

@c @implementation
public func relevo_link_forward(
    _ link: OpaquePointer?, _ bytes: UnsafeRawPointer?, _ count: Int,
    _ source: OpaquePointer?, _ source_length: UInt32, _ destination: OpaquePointer?,
    _ destination_length: UInt32, _ received: UInt64
) -> Int32 {
    unsafe told(link: link) { box throws(RelevoError) in
        sent(
            try unsafe box.core.forward(
                UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count),
                from: address(source, source_length),
                to: address(destination, destination_length), received: received))
    }
}

@c @implementation
public func relevo_link_flush(_ link: OpaquePointer?) -> Int32 {
    unsafe told(link: link) { box throws(RelevoError) in sent(try box.core.flush()) }
}

@c @implementation
public func relevo_link_send(
    _ link: OpaquePointer?, _ bytes: UnsafeRawPointer?, _ count: Int,
    _ numbers: UnsafePointer<Int32>?, _ descriptor_count: Int
) -> Int32 {
    unsafe told(link: link) { box throws(RelevoError) in
        sent(
            try unsafe box.core.send(
                message: UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count),
                descriptors: descriptors(numbers, descriptor_count)))
    }
}

private func sent(_ hasRoom: Bool) -> Int32 { hasRoom ? 0 : -Int32(RELEVO_SYS_AGAIN) }

@c @implementation
public func relevo_link_receive(
    _ link: OpaquePointer?, _ received: UnsafeMutablePointer<relevo_received>?
) -> Int32 {
    unsafe told(link: link) { box throws(RelevoError) in
        guard let received = unsafe received else { throw RelevoError(.receive, .invalid) }
        switch try box.core.next() {
        case .nothing: return 0
        case .datagram(let datagram, let range):
            unsafe received.pointee.kind = Int32(RELEVO_DATAGRAM)
            unsafe received.pointee.descriptor_count = 0
            unsafe received.pointee.received = datagram.received
            unsafe received.pointee.source_length = write(
                datagram.source, to: &received.pointee.source)
            unsafe received.pointee.destination_length = write(
                datagram.destination, to: &received.pointee.destination)
            unsafe set(received, range, of: box)
        case .message(let range, let numbers):
            unsafe received.pointee.kind = Int32(RELEVO_MESSAGE)
            unsafe received.pointee.received = 0
            unsafe received.pointee.source_length = 0
            unsafe received.pointee.destination_length = 0
            unsafe received.pointee.descriptor_count = UInt32(numbers.count)
            unsafe withUnsafeMutableBytes(of: &received.pointee.descriptors) { room in
                for (index, number) in numbers.enumerated() {
                    unsafe room.storeBytes(of: number, toByteOffset: index * 4, as: Int32.self)
                }
            }
            unsafe set(received, range, of: box)
        }
        return 1
    }
}

private func set(
    _ received: UnsafeMutablePointer<relevo_received>, _ range: Range<Int>, of box: LinkBox
) {
    unsafe received.pointee.bytes = box.core.incoming.bytes.baseAddress.map {
        unsafe UnsafeRawPointer($0 + range.lowerBound)
    }
    unsafe received.pointee.count = range.count
}

private func write<Room>(_ address: InternetAddress?, to room: inout Room) -> UInt32 {
    guard let address else { return 0 }
    var raw = address.raw
    return unsafe withUnsafeMutableBytes(of: &room) { room in
        unsafe relevo_sys_write_sockaddr(&raw, room.baseAddress, UInt32(room.count))
    }
}
