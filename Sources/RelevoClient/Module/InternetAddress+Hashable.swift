extension InternetAddress: Hashable {
    /// All of it: family, address, scope and port.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(family)
        hasher.combine(high)
        hasher.combine(low)
        hasher.combine(scope)
        hasher.combine(port)
    }
}
