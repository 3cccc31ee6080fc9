import Testing

@testable import Adoption

struct AddressHolderTests {
    private func holders(_ names: String...) -> [SocketHolders.Holder] {
        names.enumerated().map {
            SocketHolders.Holder(process: $1 == "systemd" ? 1 : Int32(100 + $0), name: $1)
        }
    }

    private func found(_ names: [SocketHolders.Holder], worker: Int32? = nil) -> AddressHolder {
        AddressHolder.among(names) { $0 == worker }
    }

    @Test func aServiceHasWhatItsManagerKeepsForIt() {
        let all = holders("systemd", "relevod", "relevo-keeper", "echo")
        #expect(found(all, worker: 103) == .worker(103, keptBy: 101))
        #expect(found(Array(all.prefix(3))) == .program(name: "relevod", 101))
        // The worker has written over its environment.
        #expect(found(all) == .program(name: "relevod", 101))
    }

    @Test func othersAreNamed() {
        #expect(found([]) == .unknown)
        #expect(found(holders("systemd")) == .program(name: "systemd", 1))
        #expect(found(holders("systemd", "unbound")) == .program(name: "unbound", 101))
        #expect(found(holders("echo", "other"), worker: 101) == .worker(101, keptBy: nil))
    }
}
