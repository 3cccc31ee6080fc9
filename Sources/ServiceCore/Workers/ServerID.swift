package import HandoverCore

/// What a worker is known by in the ids that its server makes: another one for each worker of each generation that
/// lives, and for as long afterwards as the length allows.
package struct ServerID: Equatable, Sendable {
    /// As it stands in the ids; none of them is all zeros.
    package let bytes: [UInt8]

    /// - Parameter length: 2 to 8 bytes.
    package init(of worker: WorkerID, length: Int) {
        // Workers of a generation are fewer than the slots of a listener.
        let workers = 512
        let generations = length >= 7 ? Int.max / workers : (1 << (8 * length)) / workers - 1
        let number = ((worker.generation.number - 1) % generations + 1) * workers + worker.index
        bytes = (0..<length).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    /// As `{serverid}` has it.
    package var text: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
