extension InternetAddress: CustomStringConvertible, LosslessStringConvertible {
    /// Reads `192.0.2.7:4711` or `[2001:db8::7]:4711`.
    public init?(_ description: String) { self.init(text: Array(description.utf8)) }

    /// As it is written: `192.0.2.7:4711`, `[2001:db8::7]:4711`.
    public var description: String { String(decoding: text, as: UTF8.self) }
}
