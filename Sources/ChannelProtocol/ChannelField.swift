/// One `KEY=value` line of a packet.
package struct ChannelField: Equatable, Sendable {
    package let key: String
    package let value: String

    package init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }
}
