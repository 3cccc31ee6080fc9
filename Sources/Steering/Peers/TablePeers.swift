import Kernel
import SteeringABI

/// Who has flows in a table, told by its programs while somebody looks.
///
/// Each program asks, where it writes the time of an entry, whether it is before `looked_until`. So nobody pays for
/// a look but while it lasts; and one whose supervisor has died ends by itself.
final class TablePeers {
    /// How long programs tell after the last word of who looks, at least.
    private static let lease = Duration.seconds(2)

    let map: OwnedDescriptor
    private let size: Int
    private var ring: PeerRing?
    private weak var state: TableState?

    init(_ map: consuming OwnedDescriptor, _ state: TableState) throws(KernelError) {
        size = try MapForm.entries(of: map)
        self.map = map
        self.state = state
    }

    /// nil where the program tells of nobody.
    static func make(
        of loaded: borrowing LoadedProgram, _ state: TableState
    ) throws(KernelError) -> TablePeers? {
        switch try loaded.duplicatePeers() {
        case .some(let map): try TablePeers(map, state)
        case .none: nil
        }
    }

    /// Bytes of the ring that suits a table: room for some ten thousand.
    static func size(for shape: TableShape) -> Int {
        var size = Int(RELEVO_PEERS_LEAST)
        while size < Int(RELEVO_PEERS_MOST), size < shape.bytes >> 5 { size *= 2 }
        return size
    }

    /// Has the programs tell for the next two or three seconds. What was told before the first time is forgotten.
    func look() throws(KernelError) {
        if ring == nil {
            let ring = try PeerRing(of: map, size: size)
            ring.discardAll()
            self.ring = ring
        }
        let end = UInt64((MonotonicClock.now() + Self.lease).nanoseconds)
        state?.lookedUntil = UInt32(truncatingIfNeeded: (end >> UInt64(RELEVO_LOOK_SHIFT)) + 1)
    }

    /// Has them tell no more.
    func end() {
        state?.lookedUntil = 0
        ring = nil
    }

    func take(atMost most: Int, _ body: (ToldPeer) -> Void) -> Int {
        ring?.take(atMost: most, body) ?? 0
    }
}
