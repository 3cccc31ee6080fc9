import ControlProtocol
import Kernel
import TestKit
import Testing

/// What a program loads cannot be held: it is said when that is other files by now.
@Suite(.ownNetwork, .needsRoot)
struct LoadedFilesTests {
    /// A library that the server loads, in a folder of its own.
    private func install(into folder: TemporaryFolder) throws -> String {
        let maps = String(
            decoding: try ProcessView.text("maps", of: ProcessIdentity.processID), as: UTF8.self)
        let library = try #require(
            maps.split(separator: "\n").compactMap { $0.split(separator: " ").last }
                .first { $0.hasSuffix("/libm.so.6") })
        let path = folder.file("libm.so.6")
        let copied = try Finished.running(["/bin/cp", String(library), path + ".new"])
        #expect(copied.exit == .code(0), "\(copied.errors)")
        try renameFile(path + ".new", to: path)
        return path
    }

    @Test func aReplacedLibraryIsNamedInTheStatusAtARestartAndAtARollback() throws {
        let folder = try TemporaryFolder()
        let library = try install(into: folder)
        let service = try Service.current(
            [
                "--listen", "udp://127.0.0.1:4433", "--linger", "0", "--environment",
                "LD_LIBRARY_PATH=\(folder.path)",
            ], command: try Programs.echo())
        #expect(try service.eventually(1) { $0.program?.loadedNewer == [] })
        _ = try install(into: folder)
        #expect(try service.generation(1)?.program?.loadedNewer == [library])
        #expect(
            try service.relevo("status").text.contains(
                "its libraries on disk are newer: libm.so.6;")
        )
        #expect(try service.relevo("status", "--check").exit == .code(0))

        // The next supervisor knows it from the worker alone.
        try service.succeed()
        #expect(try service.eventually(1) { $0.program?.loadedNewer == [library] })

        let upgrade = try service.relevo("upgrade", "--wait", "drained")
        #expect(upgrade.exit == .code(0) && !upgrade.text.contains("libm"), "\(upgrade.output)")
        #expect(try service.eventually(2) { $0.program?.loadedNewer == [] })
        let rollback = try service.relevo("rollback")
        #expect(rollback.exit == .code(0))
        #expect(
            rollback.text.contains("\(library) is another file now, or gone: what generation 1"),
            "\(rollback.output)")

        #expect(try service.eventually(3) { $0.program?.loadedNewer == [] })
        let told = "and its workers run what is there now"
        #expect(try service.line(with: told)?.contains(library) == true)
        _ = try install(into: folder)
        try service.kill()
        #expect(try service.line(with: told)?.contains(library) == true)
        #expect(try service.restarted())
        #expect(try service.eventually(3) { $0.program?.loadedNewer == [] })
    }
}
