import ControlProtocol
import TestKit
import Testing

extension Promises {
    @Suite struct Addresses {
        @Test func ofIPv6() throws {
            let service = try Service.current(
                ["--listen", "udp://[::1]:4433"], command: try echo())
            try tryUpgrade(of: service, at: ["[::1]:4433"])
        }

        @Test func ofBothFamiliesAtOneSocket() throws {
            let service = try Service.current(["--listen", "udp://:4433"], command: try echo())
            try tryUpgrade(of: service, at: ["[::1]:4433", "127.0.0.1:4433"])
        }

        @Test func ofBothFamiliesAtTheIPv6Wildcard() throws {
            let service = try Service.current(
                ["--listen", "udp://[::]:4433"], command: try echo())
            try tryUpgrade(of: service, at: ["[::1]:4433"])
        }

        @Test func ofAWildcardAreToldApart() throws {
            let service = try Service.current(
                ["--listen", "udp://0.0.0.0:4433"], command: try echo())
            try tryUpgrade(
                of: service, at: ["127.0.0.1:4433", "127.0.0.2:4433", "127.9.8.7:4433"])
        }

        @Test func ofTwoListeners() throws {
            let service = try Service.current(
                ["--listen", "udp://127.0.0.1:4433", "--listen", "udp://[::1]:4434"],
                command: try echo())
            let first = try service.load(lastingFlows)
            let second = try Load(to: "[::1]:4434", lastingFlows + ["--duration", "5min"])
            #expect(
                try service.eventually { $0.listeners.last?.counters.newFlows ?? 0 >= 50 })
            #expect(try service.upgrade())
            #expect(try service.generation(1)?.flows == 100)
            #expect(try service.probe(to: "[::1]:4434").isAnswered(by: 2))
            for load in [first, second] {
                let result = try load.stopped()
                #expect(result.isAnswered(by: 1), "\(result)")
            }
        }

        /// Flows to each address stay where they are over an upgrade; new ones go to the new one.
        private func tryUpgrade(of service: Service, at addresses: [String]) throws {
            let old = try addresses.map { try service.load(lastingFlows, to: $0) }
            #expect(try service.upgrade())
            #expect(try service.generation(1)?.flows == 50 * addresses.count)
            for address in addresses {
                let probe = try service.probe(to: address)
                #expect(probe.isAnswered(by: 2), "\(address): \(probe)")
            }
            for (address, load) in zip(addresses, old) {
                let result = try load.stopped()
                #expect(result.isAnswered(by: 1), "\(address): \(result)")
            }
        }
    }
}
