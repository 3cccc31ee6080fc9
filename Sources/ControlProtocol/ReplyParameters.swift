/// The parameters of a `GetStatus` reply.
package struct StatusReply: Codable, Equatable, Sendable {
    package let status: ServiceStatus
}

package struct DescriptionReply: Codable, Equatable, Sendable {
    package let description: String
}

/// The parameters of a reply that says only that it is done.
package struct DoneReply: Codable, Equatable, Sendable {}
