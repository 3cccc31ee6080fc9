/// What `CODE=` of an `ERROR` says.
package enum ChannelErrorCode: String, CaseIterable, Sendable {
    case malformed, oversized, descriptors, verb, key, version, order
    case unsupported, unknown, `self`, mute, busy, full, limit, current, refused, failed
}
