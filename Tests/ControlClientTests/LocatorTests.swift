import ControlClient
import Kernel
import TestKit
import Testing

struct LocatorTests {
    private func locator(isRoot: Bool = false, _ environment: [String: String]) -> ServiceLocator {
        ServiceLocator(isRoot: isRoot) { environment[$0] }
    }

    @Test func aNameIsLookedForInOnesOwnFolderAndRoots() {
        #expect(
            locator(["XDG_RUNTIME_DIR": "/run/user/1"]).candidates(name: "a") == [
                "/run/user/1/relevo/a/control", "/run/relevo/a/control",
            ])
        #expect(locator(isRoot: true, [:]).candidates(name: "a") == ["/run/relevo/a/control"])
    }

    @Test func theServiceManagersFolderComesFirstForItsOwnName() {
        let environment = ["RUNTIME_DIRECTORY": "/run/own/a"]
        #expect(
            locator(isRoot: true, environment).candidates(name: "a").first == "/run/own/a/control")
        #expect(
            locator(isRoot: true, environment).candidates(name: "b").first
                == "/run/relevo/b/control")
    }

    @Test func theServiceManagersFolderOfAnotherNameIsNoCandidateUntilItsServiceSaysSo() {
        let own = locator(isRoot: true, ["RUNTIME_DIRECTORY": "/run/relevo/a"])
        #expect(own.candidates(name: "b") == ["/run/relevo/b/control"])
        #expect(own.given(otherThan: "b") == "/run/relevo/a/control")
        #expect(own.candidates(name: "a") == ["/run/relevo/a/control"])
        #expect(own.given(otherThan: "a") == nil)
    }

    @Test func onlyFoldersWithASocketAreListed() throws {
        let base = try TemporaryFolder()
        for name in ["b", "a", "empty"] { try makeFolders(base.file("relevo/\(name)")) }
        for name in ["b", "a"] { try writeFile(base.file("relevo/\(name)/control"), []) }
        let found = locator(["XDG_RUNTIME_DIR": base.path]).existing()
            .filter { $0.hasPrefix(base.path) }
        #expect(found == ["a", "b"].map { base.file("relevo/\($0)/control") })
    }

    @Test func whatElseIsInAServicesOwnFolderIsNoService() throws {
        let folder = try TemporaryFolder()
        for name in ["control", "keeper", "workers"] { try writeFile(folder.file(name), []) }
        let found = locator(["RUNTIME_DIRECTORY": folder.path]).existing()
        #expect(found.filter { $0.hasPrefix(folder.path) } == [folder.file("control")])
    }

    @Test func aVolumeThatIsEverybodysHasAFolderForEachService() throws {
        let volume = try TemporaryFolder()
        try makeFolders(volume.file("echo"))
        try writeFile(volume.file("echo/control"), [])
        let found = locator(["RUNTIME_DIRECTORY": volume.path])
        #expect(found.own(in: volume.path) == volume.file("echo/control"))
        #expect(found.candidates(name: "echo").last == volume.file("echo/control"))
        try writeFile(volume.file("control"), [])
        #expect(found.own(in: volume.path) == volume.file("control"))
    }
}
