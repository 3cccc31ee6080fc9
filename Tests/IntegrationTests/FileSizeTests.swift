import Kernel
import TestKit
import Testing

/// Under a limit on the size of files, which the supervisor's memory files are to the kernel.
@Suite(.ownNetwork, .needsRoot)
struct FileSizeTests {
    @Test func theSupervisorRaisesTheSoftLimitAndItsWorkersHaveIt() throws {
        let limit = """
            import resource
            print("sizes", resource.getrlimit(resource.RLIMIT_FSIZE), flush=True)
            notify("READY=1")
            serve()
            """
        let service = try Service.current(
            quick, command: PythonWorker.command(limit), as: ["prlimit", "--fsize=0:", "--"])
        #expect(try service.says("[1.0] sizes (0, -1)"))
        #expect(try service.relevo("reexec").exit == .code(0))
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try service.says("[2.0] sizes (0, -1)"))
    }

    @Test(arguments: [0, 4096])
    func aServiceThatCannotKeepItsRecordIsRefusedWithALine(_ limit: Int) throws {
        let service = try Service(
            quick, command: try echo(),
            as: ["prlimit", "--fsize=\(limit)", "--"])
        let finished = try service.process.finished()
        #expect(finished.exit == .code(1))
        #expect(
            finished.output.last?.hasPrefix("relevo: ") == true
                && finished.text.contains("File too large (raise LimitFSIZE="), "\(finished)")
        let keeper = service.folder.file("run/keeper")
        #expect(try FileStatus(of: keeper) == nil, "its keeper is left")
    }
}
