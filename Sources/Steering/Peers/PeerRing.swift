import Kernel
import SteeringABI
import Synchronization

/// What the programs of a table tell of peers and nobody has read yet: a ring that the kernel writes and we read
/// (Documentation/bpf/ringbuf.rst). It is mapped only while somebody looks.
@safe final class PeerRing {
    private static let isBusy: UInt32 = 1 << 31
    private static let isDiscarded: UInt32 = 1 << 30
    private static let head = 8

    private let size: UInt64
    /// How far we have read, on a page of its own.
    private let ours: MappedMemory
    /// How far it is written, on a page of its own, and behind it the data, twice: so each lies in one piece.
    private let theirs: MappedMemory
    private let read: UnsafeMutablePointer<Atomic<UInt64>>
    private let written: UnsafeMutablePointer<Atomic<UInt64>>
    private let data: UnsafeMutableRawPointer

    /// - Parameter size: of the data in bytes, as the map was made.
    init(of map: borrowing OwnedDescriptor, size: Int) throws(KernelError) {
        let page = MappedMemory.page
        self.size = UInt64(size)
        ours = try MappedMemory(of: map, length: page)
        theirs = try MappedMemory(reading: map, from: page, length: page + 2 * size)
        unsafe read = ours.base.assumingMemoryBound(to: Atomic<UInt64>.self)
        unsafe written = theirs.base.assumingMemoryBound(to: Atomic<UInt64>.self)
        unsafe data = theirs.base + page
    }

    /// Forgets what was told to somebody else.
    func discardAll() {
        unsafe read.pointee.store(
            written.pointee.load(ordering: .acquiring), ordering: .releasing)
    }

    /// Hands over so many at most, the oldest first.
    ///
    /// - Returns: how many places it has gone on by; less than asked for where there is no more.
    func take(atMost most: Int, _ body: (ToldPeer) -> Void) -> Int {
        var at = unsafe read.pointee.load(ordering: .relaxed)
        let end = unsafe written.pointee.load(ordering: .acquiring)
        var count = 0
        while count < most, at < end {
            let place = unsafe data + Int(at & (size - 1))
            let head = unsafe place.assumingMemoryBound(to: Atomic<UInt32>.self)
                .pointee.load(ordering: .acquiring)
            // Another CPU is writing it at the moment.
            if head & Self.isBusy != 0 { break }
            let length = head & ~(Self.isBusy | Self.isDiscarded)
            if head & Self.isDiscarded == 0, length == RELEVO_PEER_SIZE {
                body(unsafe ToldPeer(loading: place + Self.head))
            }
            at += (UInt64(length) + UInt64(Self.head) + 7) & ~7
            count += 1
        }
        unsafe read.pointee.store(at, ordering: .releasing)
        return count
    }
}
