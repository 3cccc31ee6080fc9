import CKernel
import Glibc

/// The interfaces of this network namespace, by name and by number.
package enum NetworkInterface {
    /// The number of an interface; nil where there is none of that name.
    package static func number(_ name: String) -> Int32? {
        let number = unsafe if_nametoindex(name)
        return number == 0 ? nil : Int32(clamping: number)
    }

    /// The name of an interface; nil where there is none of that number.
    package static func name(_ number: Int32) -> String? {
        guard number > 0 else { return nil }
        var room = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
        let found = unsafe room.withUnsafeMutableBufferPointer {
            unsafe if_indextoname(UInt32(number), $0.baseAddress) != nil
        }
        guard found else { return nil }
        return String(
            decoding: room.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Has a socket hear one interface alone; by number, so that one that is gone can be given as well.
func bindToInterface(_ socket: Int32, _ interface: Int32) throws(KernelError) {
    guard interface != 0 else { return }
    try setOption(
        "setsockopt SO_BINDTOIFINDEX", of: socket, Int32(RELEVO_SO_BINDTOIFINDEX), to: interface)
}
