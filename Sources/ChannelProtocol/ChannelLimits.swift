/// The bounds of the worker channel, as CHANNEL.md gives them.
package enum ChannelLimits {
    package static let newestVersion = 1
    /// Bytes in a packet.
    package static let longestPacket = 4096
    /// Lines after the verb.
    package static let mostKeys = 64
    package static let mostDescriptors = 32
    package static let longestVerb = 16
    package static let longestKey = 32
    /// Of a value for people.
    package static let longestText = 512
    /// Of the name of a kept descriptor, systemd's own limit.
    package static let longestName = 255
    /// Kept descriptors of one index.
    package static let mostStored = 64
    /// Kept descriptors of a service.
    package static let mostStoredOfService = 512
}
