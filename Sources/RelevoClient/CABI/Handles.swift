internal import CRelevo
internal import CRelevoClient

/// A link as C holds it.
final class LinkBox {
    var core: LinkCore

    init(_ core: consuming LinkCore) { self.core = core }
}

/// Calls the body with the worker behind C's pointer; what it throws is told as a negative number.
func told(
    _ worker: OpaquePointer?, _ body: (WorkerCore) throws(RelevoError) -> Int32
) -> Int32 {
    guard let worker = unsafe worker else { return -Int32(RELEVO_SYS_INVALID) }
    let object = unsafe Unmanaged<WorkerCore>.fromOpaque(UnsafeRawPointer(worker))
    return told { () throws(RelevoError) in
        try unsafe body(object.takeUnretainedValue())
    }
}

/// Calls the body with the link behind C's pointer; what it throws is told as a negative number.
func told(
    link: OpaquePointer?, _ body: (LinkBox) throws(RelevoError) -> Int32
) -> Int32 {
    guard let link = unsafe link else { return -Int32(RELEVO_SYS_INVALID) }
    let object = unsafe Unmanaged<LinkBox>.fromOpaque(UnsafeRawPointer(link))
    return told { () throws(RelevoError) in
        try unsafe body(object.takeUnretainedValue())
    }
}

/// The body's number, or what it throws as a negative one.
func told(_ body: () throws(RelevoError) -> Int32) -> Int32 {
    do throws(RelevoError) {
        return try body()
    } catch {
        return -error.code
    }
}

/// A C string's bytes; nothing for NULL.
@inline(never)
func text(_ text: UnsafePointer<CChar>?) -> [UInt8] {
    var bytes: [UInt8] = []
    guard var next = unsafe text else { return bytes }
    while unsafe next.pointee != 0 {
        unsafe bytes.append(UInt8(bitPattern: next.pointee))
        unsafe next += 1
    }
    return bytes
}

/// Milliseconds of C as nanoseconds; below 0 is for ever.
func limit(_ milliseconds: Int32) -> UInt64 {
    milliseconds < 0 ? .max : UInt64(milliseconds) * 1_000_000
}

/// The address in a struct sockaddr; nil for NULL and for no IP address.
@inline(never)
func address(_ sockaddr: OpaquePointer?, _ length: UInt32) -> InternetAddress? {
    guard let sockaddr = unsafe sockaddr else { return nil }
    var raw = relevo_sys_address()
    guard unsafe relevo_sys_read_sockaddr(UnsafeRawPointer(sockaddr), length, &raw) == 1 else {
        return nil
    }
    return InternetAddress(raw)
}

/// C's array of descriptors.
@inline(never)
func descriptors(_ first: UnsafePointer<Int32>?, _ count: Int) -> [Int32] {
    unsafe Array(UnsafeBufferPointer(start: first, count: unsafe first == nil ? 0 : count))
}
