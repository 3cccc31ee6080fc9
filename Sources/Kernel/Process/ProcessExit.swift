/// How a process ended.
package enum ProcessExit: Hashable, Sendable, Codable {
    case code(Int32)
    case signal(Int32, dumpedCore: Bool)
}
