import Kernel
import TestKit
import Testing

/// Under a limit on the size of files, which the supervisor's memory files are to the kernel.
@Suite(.ownNetwork, .needsRoot)
struct FileSizeTests {
    @Test(arguments: [0, 4096])
    func aServiceThatCannotKeepItsRecordIsRefusedWithALine(_ limit: Int) throws {
        let service = try Service(
            quick, command: try echo(), as: ["prlimit", "--fsize=\(limit)", "--"])
        let finished = try service.process.finished()
        #expect(finished.exit == .code(1))
        #expect(
            finished.output.last?.hasPrefix("relevo: ") == true
                && finished.text.contains("File too large"), "\(finished)")
        let keeper = service.folder.file("run/keeper")
        #expect(try FileStatus(of: keeper) == nil, "its keeper is left")
    }
}
