/// A placeholder in a command that stands for nothing.
package enum PlaceholderError: Error, Equatable, Sendable, CustomStringConvertible {
    case noSockets(placeholder: String)
    case unknownListener(placeholder: String, known: [String])
    case noSuchIndex(placeholder: String, sockets: Int)
    case noServerID

    package var description: String {
        switch self {
        case .noSockets(let placeholder):
            "\(placeholder) in the command: the service has no sockets"
        case .unknownListener(let placeholder, let known):
            "\(placeholder) in the command: no listener has that name "
                + "(there are: \(known.joined(separator: ", ")))"
        case .noSuchIndex(let placeholder, let sockets):
            "\(placeholder) in the command: a worker has \(sockets) sockets, counted from 0"
        case .noServerID: "{serverid} in the command: no listener has ServerIdLength="
        }
    }
}
