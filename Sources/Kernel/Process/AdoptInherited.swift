import Glibc

/// Takes over a descriptor that this process was started with, CLOEXEC from here on; nil when
/// nothing is open at that number, for who started us may have been wrong.
package func adoptInherited(_ number: Int32) -> OwnedDescriptor? {
    let flags = fcntl(number, F_GETFD)
    guard flags != -1, fcntl(number, F_SETFD, flags | FD_CLOEXEC) != -1 else { return nil }
    return OwnedDescriptor(adopting: number)
}
