/// Where the service stands as a whole.
package enum ServiceState: Hashable, Codable, Sendable {
    case idle
    case running
    /// It ends; these requests are answered at the end.
    case stopping([RequestID])
    case ended(ServiceEnd)
}
