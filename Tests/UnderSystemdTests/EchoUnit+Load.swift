import ControlProtocol
import Kernel
import TestKit
import Testing

/// What is sent to a service until it is told to end.
enum Traffic {
    /// Flows that stay.
    case lasting
    /// Flows that end while others are opened.
    case changing

    var options: [String] {
        switch self {
        case .lasting: ["--flows", "50", "--rate", "1000"]
        case .changing: ["--flows", "100", "--rate", "2000", "--open-rate", "200"]
        }
    }
}

/// A file in a machine by whose presence workers are kept from getting ready.
enum Hold {
    static let file = "/run/hold"
    static let options = "--ready 'exec:test ! -e \(file)'"
}

extension EchoUnit {
    /// Starts a load and waits until its flows have come.
    func load(_ traffic: Traffic) throws -> Load {
        let load = try machine.load(traffic.options + ["--duration", "5min"])
        #expect(try eventually { $0.listeners.first?.flows ?? 0 >= 50 })
        return load
    }

    /// Sends a few datagrams of new flows, and says what came of them.
    func probe() throws -> LoadResult {
        try machine.load(["--flows", "20", "--rate", "1000", "--duration", "200ms"]).result()
    }

    func hold() throws { try machine.run("touch", Hold.file) }

    func release() throws { try machine.run("rm", Hold.file) }

    /// Waits until no handover is under way.
    func settles() throws -> Bool {
        try eventually { $0.current != nil && $0.handover == nil }
    }
}

extension LoadResult {
    /// Whether all was answered, and by no other generations than these.
    func isWhole(by generations: Int...) -> Bool {
        ok && sent > 0 && answered == sent
            && Set(self.generations.keys).isSubset(of: generations.map { "\($0)" })
    }
}

extension GenerationStatus {
    /// Whether it has, or is to have, processes.
    var lives: Bool { state != .stopped && state != .failed }
}
