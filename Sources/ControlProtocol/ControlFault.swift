/// Why a frame is not a request that can be served.
package enum ControlFault: Error, Equatable, Sendable {
    /// Not a Varlink call at all: close the connection.
    case malformed(String)
    /// Answer with this error, unless `oneway`.
    case refused(ControlError, oneway: Bool)
}
