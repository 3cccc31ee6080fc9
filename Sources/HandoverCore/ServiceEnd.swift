/// Why a service is over.
package enum ServiceEnd: Hashable, Codable, Sendable {
    case stopped
    /// The first generation never got ready.
    case failed(String)
}
