import ControlProtocol
import Testing

/// Where a service keeps its history.
@Suite struct StateFolderTests {
    private func path(_ isRoot: Bool, _ environment: [String: String]) -> String? {
        StateFolder.path(name: "dns", isRoot: isRoot, environment: { environment[$0] })
    }

    @Test func theFolderInOneCalledRelevoIsOurs() {
        let both = ["STATE_DIRECTORY": "/var/lib/dns:/var/lib/relevo/dns"]
        #expect(path(true, both) == "/var/lib/relevo/dns")
        #expect(path(false, both) == "/var/lib/relevo/dns")
    }

    @Test func aServersOwnFolderGetsOneBelow() {
        #expect(path(true, ["STATE_DIRECTORY": "/var/lib/dns"]) == "/var/lib/dns/relevo")
    }

    @Test func withoutAServiceManagerItIsTheUsers() {
        #expect(path(true, [:]) == "/var/lib/relevo/dns")
        #expect(path(false, ["HOME": "/home/a"]) == "/home/a/.local/state/relevo/dns")
        #expect(path(false, ["HOME": "/home/a", "XDG_STATE_HOME": "/s"]) == "/s/relevo/dns")
        #expect(path(false, ["XDG_STATE_HOME": "relative"]) == nil)
        #expect(path(false, [:]) == nil)
    }
}
