/// Writes items behind each other into one buffer.
///
/// The containers of Swift's `Codable` share it. A container that is open has a byte for its head,
/// which is put right when it is closed: that is when something is written to a container around
/// it, or its value is done.
final class CBORWriter {
    private struct Container {
        let kind: CBORKind
        let head: Int
        /// Tells it from others that were open at this depth.
        let identity: Int
        /// Where each key starts, of a map that is sorted when it is closed.
        var keys: [Int]?
        /// Entries of a map, or elements.
        var count = 0
    }

    private var bytes: [UInt8] = []
    private var open: [Container] = []
    private var identities = 0
    /// What was asked for where Swift lets nothing be thrown.
    private var fault: RecordValueFault?

    init() {
        bytes.reserveCapacity(256)
        open.reserveCapacity(8)
    }

    var depth: Int { open.count }
    var position: Int { bytes.count }

    func finished() throws(RecordValueFault) -> [UInt8] {
        close(downTo: 0)
        if let fault { throw fault }
        guard bytes.count <= RecordValue.longest else {
            throw RecordValueFault("it is longer than \(RecordValue.longest) bytes")
        }
        return bytes
    }

    func fail(_ description: String) {
        if fault == nil { fault = RecordValueFault(description) }
    }

    /// Opens a container behind what is written.
    ///
    /// - Returns: What it is known by.
    func begin(_ kind: CBORKind, sorted: Bool = false) -> Int {
        if open.count >= RecordValue.deepest { fail("it is deeper than \(RecordValue.deepest)") }
        identities += 1
        open.append(
            Container(
                kind: kind, head: bytes.count, identity: identities, keys: sorted ? [] : nil))
        bytes.append(kind.rawValue)
        return identities
    }

    /// The container that was opened at this depth, if it is still the same kind of one.
    func reopened(_ kind: CBORKind, at depth: Int) -> Int? {
        guard depth < open.count, open[depth].kind == kind else { return nil }
        return open[depth].identity
    }

    /// How many elements an open array has.
    func count(at depth: Int) -> Int { depth < open.count ? open[depth].count : 0 }

    /// Makes room for one more element of a container.
    func element(at depth: Int, of identity: Int) {
        guard depth < open.count, open[depth].identity == identity else {
            return fail("containers were written to in turns")
        }
        if open.count > depth + 1 { close(downTo: depth + 1) }
        open[depth].count += 1
    }

    /// Makes room for one more entry of a map.
    func key(_ key: String, at depth: Int, of identity: Int) {
        element(at: depth, of: identity)
        if depth < open.count, open[depth].keys != nil { open[depth].keys?.append(bytes.count) }
        write(key)
    }

    func close(downTo depth: Int) {
        while open.count > depth, let container = open.popLast() { close(container) }
    }

    private func close(_ container: Container) {
        if let keys = container.keys, keys.count > 1 {
            let ends = keys.dropFirst() + [bytes.count]
            var entries = zip(keys, ends).map { bytes[$0..<$1] }
            // A key's head comes first, so shorter keys do.
            entries.sort { $0.lexicographicallyPrecedes($1) }
            bytes.replaceSubrange(keys[0]..., with: Array(entries.joined()))
        }
        let count = container.count
        if count < 24 {
            bytes[container.head] = container.kind.rawValue | UInt8(count)
        } else {
            var head = [UInt8]()
            Self.appendHead(container.kind, UInt64(count), to: &head)
            bytes.replaceSubrange(container.head...container.head, with: head)
        }
    }

    // MARK: Items

    func writeNull() { bytes.append(CBORSimple.null) }

    func write(_ flag: Bool) { bytes.append(flag ? CBORSimple.yes : CBORSimple.no) }

    func write(_ text: String) {
        let utf8 = text.utf8
        writeHead(.text, UInt64(utf8.count))
        bytes.append(contentsOf: utf8)
    }

    func write(_ string: [UInt8]) {
        writeHead(.bytes, UInt64(string.count))
        bytes += string
    }

    @inline(__always)
    func write(integer: some FixedWidthInteger) {
        if integer >= 0 {
            guard let number = UInt64(exactly: integer) else { return failInteger() }
            writeHead(.unsigned, number)
        } else {
            guard let number = Int64(exactly: integer) else { return failInteger() }
            writeHead(.negative, UInt64(bitPattern: ~number))
        }
    }

    private func failInteger() { fail("an integer has more than 64 bits") }

    func write(_ number: Double) {
        bytes.append(CBORSimple.double)
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number.bitPattern >> UInt64(shift)))
        }
    }

    private func writeHead(_ kind: CBORKind, _ argument: UInt64) {
        if argument < 24 {
            bytes.append(kind.rawValue | UInt8(truncatingIfNeeded: argument))
        } else {
            Self.appendHead(kind, argument, to: &bytes)
        }
    }

    private static func appendHead(
        _ kind: CBORKind, _ argument: UInt64, to bytes: inout [UInt8]
    ) {
        let (code, size): (UInt8, UInt64) =
            switch argument {
            case 0..<24: (UInt8(argument), 0)
            case 24...0xff: (24, 1)
            case 0x100...0xffff: (25, 2)
            case 0x1_0000...0xffff_ffff: (26, 4)
            default: (27, 8)
            }
        bytes.append(kind.rawValue | code)
        var shift = size * 8
        while shift > 0 {
            shift -= 8
            bytes.append(UInt8(truncatingIfNeeded: argument >> shift))
        }
    }
}
