import ControlProtocol
import Kernel

extension Service {
    /// Starts a load that goes on until it is stopped, and waits until each of its flows has come
    /// to the service. Nothing else may open flows meanwhile.
    package func load(_ options: [String], to address: String = "127.0.0.1:4433") throws -> Load {
        let place = options.firstIndex(of: "--flows").map { options.index(after: $0) }
        let flows = place.flatMap { Int(options[$0]) } ?? 100
        let before = try newFlows()
        let load = try Load(to: address, options + ["--duration", "5min"])
        guard try TestKit.eventually({ try newFlows() >= before + flows }) else {
            throw NotStarted(lines: try load.process.finished().output)
        }
        return load
    }

    /// Sends a few datagrams of new flows, and says what came of them.
    package func probe(
        flows: Int = 40, _ options: String..., to address: String = "127.0.0.1:4433"
    ) throws -> LoadResult {
        let load = ["--flows", "\(flows)", "--rate", "2000", "--duration", "200ms"]
        return try Load(to: address, load + options).result()
    }

    /// New flows at the first listener; where no flow is remembered, datagrams.
    private func newFlows() throws -> Int {
        guard let listener = try status().listeners.first else { return 0 }
        return listener.flows == nil ? try datagramsRead() : listener.counters.newFlows
    }
}

extension Load {
    /// Ends the sending and waits for the last answers.
    package func stopped() throws -> LoadResult {
        try process.signal(SignalNumber.terminate)
        return try result()
    }
}
