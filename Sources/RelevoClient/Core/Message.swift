/// A message from the supervisor, split into its lines and no further.
struct Message {
    let verb: ArraySlice<UInt8>
    /// In the order they came.
    private let lines: [(key: ArraySlice<UInt8>, value: ArraySlice<UInt8>)]

    /// nil for what is no packet: a line without `=`, or no verb.
    init?(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        if rest.last == UInt8(ascii: "\n") { rest = rest.dropLast() }
        let parts = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard let verb = parts.first, !verb.isEmpty else { return nil }
        var lines: [(key: ArraySlice<UInt8>, value: ArraySlice<UInt8>)] = []
        for part in parts.dropFirst() {
            guard let (key, value) = part.cut(at: UInt8(ascii: "=")) else { return nil }
            lines.append((key, value))
        }
        self.verb = verb
        self.lines = lines
    }

    /// The first value of the key.
    func value(_ key: StaticString) -> ArraySlice<UInt8>? {
        lines.first { $0.key.equals(key) }?.value
    }

    /// Every value of a key that may be repeated.
    func values(_ key: StaticString) -> [ArraySlice<UInt8>] {
        lines.filter { $0.key.equals(key) }.map { $0.value }
    }

    func number(_ key: StaticString) -> UInt64? { value(key).flatMap { $0.number } }
}
