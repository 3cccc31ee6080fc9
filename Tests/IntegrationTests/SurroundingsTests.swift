import ControlProtocol
import Kernel
import TestKit
import Testing

/// Odd surroundings: what a service is given and where it runs is not always as one would have it.
@Suite(.ownNetwork) struct SurroundingsTests {
    /// Prints its arguments and a variable as the bytes that they are, and serves.
    private static let telling = """
        print("bytes", [a.encode(errors="surrogateescape").hex() for a in sys.argv[1:]],
            os.environb[b"KEY"].hex(), flush=True)
        notify("READY=1")
        serve()
        """

    @Test func argumentsAndVariablesAreBytes() throws {
        let odd = KeptText.text([0x2f, 0x63, 0xe9])
        // What stands for a byte where this is carried as text is only text to a user.
        let area = KeptText.text(Array("\u{10ffe9}".utf8))
        let service = try Service.current(
            quick, command: PythonWorker.command(Self.telling, odd, area),
            environment: ["KEY=" + KeptText.text([0x70, 0xe4, 0xff])])
        let first = try #require(service.process.output.lines.first { $0.contains("bytes") })
        #expect(first.contains("['2f63e9', 'f48fbfa9'] 70e4ff"), "\(first)")
        #expect(try service.relevo("status").text.contains("/c\\xE9"))
        // A later supervisor has the same from the record.
        try service.succeed()
        #expect(try service.upgrade())
        #expect(
            try service.line(with: "['2f63e9', 'f48fbfa9'] 70e4ff") != nil,
            "\(service.process.output.lines)")
        let given = try service.relevo(
            "upgrade", "--",
            PythonWorker.interpreter, "-IS", "-c", PythonWorker.command(Self.telling).last ?? "",
            KeptText.text([0xfe]))
        #expect(given.exit == .code(0), "\(given.errors)")
        #expect(try service.line(with: "['fe'] 70e4ff") != nil)
    }

    @Test func aProgramWhoseNameIsNoTextRuns() throws {
        let folder = try TemporaryFolder()
        let program = folder.file(KeptText.text([0x73, 0xe9]))
        try writeFile(
            program, Array("#!/bin/sh\nexec \(try echo().joined(separator: " "))\n".utf8),
            mode: 0o755)
        let service = try Service.current(quick, command: [program])
        #expect(try service.status().generations.first?.command == [program])
    }
}
