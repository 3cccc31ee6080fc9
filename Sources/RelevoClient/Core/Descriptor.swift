internal import CRelevoClient

/// A descriptor with one owner, closed when the owner goes away.
struct Descriptor: ~Copyable, Sendable {
    private(set) var number: Int32

    init(adopting number: Int32) { self.number = number }

    // Embedded Swift cannot discard: an owner that has let go has -1.
    deinit { if number >= 0 { relevo_sys_close(number) } }

    consuming func release() -> Int32 {
        let released = number
        number = -1
        return released
    }
}
