/// Bytes that are one whole CBOR item, and where the items in it are.
///
/// All is checked here but whether text is UTF-8. So what reads values of it needs no check of
/// lengths, and passes over an item in one step, however much is in it.
final class CBORDocument {
    private let bytes: [UInt8]
    /// Beyond which a number is nobody's; nil where every number may be somebody's.
    let limits: NumberLimits?
    private(set) var items: [CBORItem] = []
    private var at = 0

    init(_ bytes: [UInt8], within limits: NumberLimits? = nil) throws(RecordValueFault) {
        guard bytes.count <= RecordValue.longest else {
            throw RecordValueFault("it is longer than \(RecordValue.longest) bytes")
        }
        self.bytes = bytes
        self.limits = limits
        items.reserveCapacity(bytes.count / 4)
        try readItem(depth: 0)
        guard at == bytes.count else {
            throw RecordValueFault("it ends at byte \(at) of \(bytes.count)")
        }
    }

    // MARK: Access

    subscript(index: Int) -> CBORItem { items[index] }

    func next(after index: Int) -> Int { Int(items[index].next) }

    func isNull(_ index: Int) -> Bool { items[index].initial == CBORSimple.null }

    func bytes(of index: Int) -> [UInt8] { Array(bytes[range(of: index)]) }

    /// nil where it is no UTF-8.
    func text(of index: Int) -> String? {
        String(validating: bytes[range(of: index)], as: UTF8.self)
    }

    /// The value under a key of a map; looked for from the one that was found last, as keys are
    /// mostly read in the order in which they were written.
    func value(under key: String, in map: Int) -> Int? {
        let end = Int(items[map].next)
        let start = Int(items[map].place)
        var index = start
        let wanted = key.utf8.span
        while index < end {
            if matches(index, wanted) { return found(index, in: map) }
            index = Int(items[index + 1].next)
        }
        index = map + 1
        while index < start {
            if matches(index, wanted) { return found(index, in: map) }
            index = Int(items[index + 1].next)
        }
        return nil
    }

    private func found(_ key: Int, in map: Int) -> Int {
        items[map].place = Int32(key)
        return key + 1
    }

    private func matches(_ index: Int, _ wanted: Span<UInt8>) -> Bool {
        let item = items[index]
        guard Int(item.argument) == wanted.count else { return false }
        let start = Int(item.place)
        for place in 0..<wanted.count where bytes[start + place] != wanted[place] { return false }
        return true
    }

    private func range(of index: Int) -> Range<Int> {
        let item = items[index]
        return Int(item.place)..<Int(item.place) + Int(item.argument)
    }

    // MARK: Parsing

    private func readItem(depth: Int) throws(RecordValueFault) {
        let index = items.count
        let item = try readHead()
        items.append(item)
        switch item.kind {
        case .unsigned, .negative, .simple: break
        case .bytes, .text:
            guard item.argument <= UInt64(bytes.count - at) else { throw cut() }
            at += Int(item.argument)
        case .array, .map:
            guard depth < RecordValue.deepest else {
                throw RecordValueFault("it is deeper than \(RecordValue.deepest)")
            }
            // Each takes a byte at least.
            guard item.argument <= UInt64(bytes.count - at) else { throw cut() }
            for _ in 0..<Int(item.argument) {
                if item.kind == .map { try readKey() }
                try readItem(depth: depth + 1)
            }
            items[index].place = Int32(index + 1)
        case .tag: throw RecordValueFault("it has a tag before byte \(at)")
        }
        items[index].next = Int32(items.count)
    }

    private func readKey() throws(RecordValueFault) {
        guard at < bytes.count else { throw cut() }
        guard bytes[at] & 0xe0 == CBORKind.text.rawValue else {
            throw RecordValueFault("a key at byte \(at) is no text")
        }
        try readItem(depth: 0)
    }

    private func readHead() throws(RecordValueFault) -> CBORItem {
        guard at < bytes.count else { throw cut() }
        let initial = bytes[at]
        at += 1
        guard let kind = CBORKind(rawValue: initial & 0xe0) else { throw cut() }
        let code = initial & 0x1f
        var argument = UInt64(code)
        if code >= 24 {
            guard code < 28 else { throw RecordValueFault("a head before byte \(at) is unknown") }
            let size = 1 << Int(code - 24)
            guard size <= bytes.count - at else { throw cut() }
            argument = 0
            for _ in 0..<size {
                argument = argument << 8 | UInt64(bytes[at])
                at += 1
            }
            // Floating-point numbers are as they are.
            if kind != .simple {
                let least: UInt64 = size == 1 ? 24 : 1 << UInt64(size * 4)
                guard argument >= least else {
                    throw RecordValueFault("a head before byte \(at) is longer than need be")
                }
            }
        }
        if kind == .simple {
            switch initial {
            case CBORSimple.no, CBORSimple.yes, CBORSimple.null, CBORSimple.single,
                CBORSimple.double:
                break
            default: throw RecordValueFault("a simple value before byte \(at) is unknown")
            }
        }
        return CBORItem(
            kind: kind, initial: initial, argument: argument, place: Int32(at), next: 0)
    }

    private func cut() -> RecordValueFault { RecordValueFault("it is cut off") }
}
