import ControlProtocol
import Testing

struct RuntimeFolderTests {
    private func path(isRoot: Bool, _ environment: [String: String]) -> String? {
        RuntimeFolder.path(name: "dns", isRoot: isRoot) { environment[$0] }
    }

    @Test func theServiceManagersFolderComesFirst() {
        let environment = ["RUNTIME_DIRECTORY": "/run/a:/run/b", "XDG_RUNTIME_DIR": "/run/user/1"]
        #expect(path(isRoot: true, environment) == "/run/a")
        #expect(path(isRoot: false, environment) == "/run/a")
    }

    @Test func aServersOwnFoldersAreLeftAlone() {
        let environment = ["RUNTIME_DIRECTORY": "/run/dns:/run/relevo/dns:/run/relevo/x/y"]
        #expect(path(isRoot: true, environment) == "/run/relevo/dns")
    }

    @Test func rootAndOthersHaveTheirOwn() {
        let environment = ["XDG_RUNTIME_DIR": "/run/user/1"]
        #expect(path(isRoot: true, environment) == "/run/relevo/dns")
        #expect(path(isRoot: false, environment) == "/run/user/1/relevo/dns")
        #expect(path(isRoot: false, [:]) == nil)
    }
}
