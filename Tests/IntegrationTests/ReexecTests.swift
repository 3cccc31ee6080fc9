import ControlProtocol
import Kernel
import TestKit
import Testing

extension Promises {
    /// Promise 6: an upgrade of the supervisor is not noticed by traffic.
    @Suite struct Reexec {
        /// The programs in a folder of the test's own, where they can be replaced.
        private func installed(in folder: TemporaryFolder) throws -> String {
            for name in ["relevo", "relevod"] {
                try install(try Programs.path(name), as: folder.file(name))
            }
            return folder.file("relevo")
        }

        private func install(_ program: String, as path: String) throws {
            let copied = try Finished.running(["cp", "--remove-destination", program, path])
            #expect(copied.exit == .code(0))
        }

        @Test func keepsTheProcessItsWorkersAndWhatIsUnderWay() throws {
            let service = try Service.current(quick + ["--workers", "2"], command: try echo())
            let lasting = try service.load(lastingFlows)
            let load = try service.load(changingFlows)
            #expect(try service.receives(500))
            #expect(try service.upgrade())
            let before = try service.status()
            let answer = try service.relevo("reexec")
            #expect(answer.exit == .code(0), "\(answer)")
            let after = try service.status()
            #expect(after.pid == before.pid && after.pid == Int(service.process.pid))
            #expect(after.generations.map(\.state) == before.generations.map(\.state))
            #expect(
                after.generations.flatMap(\.workers).map(\.pid)
                    == before.generations.flatMap(\.workers).map(\.pid))
            #expect(try service.receives(500))
            let stayed = try lasting.stopped()
            #expect(stayed.isAnswered(by: 1), "\(stayed)")
            #expect(try service.ended(1))
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2), "\(result)")
        }

        @Test func goesOnWithWhatIsInstalledNow() throws {
            let folder = try TemporaryFolder()
            let service = try Service.current(
                quick, command: try echo(), relevo: try installed(in: folder))
            _ = try installed(in: folder)
            #expect(try service.relevo("reexec").exit == .code(0))
            let program = try readLink("/proc/\(service.process.pid)/exe")
            #expect(program == folder.file("relevod"), "not the deleted one")
        }

        @Test func isRefusedWhereTheNewProgramCannotTakeOver() throws {
            let folder = try TemporaryFolder()
            let service = try Service.current(
                quick, command: try echo(), relevo: try installed(in: folder))
            let load = try service.load(changingFlows)
            try install("/bin/false", as: folder.file("relevod"))
            let refused = try service.relevo("reexec")
            #expect(refused.exit == .code(1))
            #expect(refused.errors.last?.contains("cannot take over") == true, "\(refused)")
            try removeFile(folder.file("relevod"))
            #expect(try service.relevo("reexec").exit == .code(1))
            #expect(try service.status().current == 1)
            #expect(try service.receives(200))
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1), "\(result)")
        }

        @Test func leavesNoDescriptorBehind() throws {
            let service = try Service.current(quick, command: try echo())
            for _ in 0..<2 { #expect(try service.relevo("reexec").exit == .code(0)) }
            #expect(try service.status().current == 1)
            let folder = "/proc/\(service.process.pid)/fd"
            let open = try listFolder(folder).compactMap { try? readLink("\(folder)/\($0)") }
            #expect(open.contains { $0.contains("relevo-record") })
            #expect(!open.contains { $0.contains("relevo-settings") }, "\(open)")
        }

        @Test func holdsNothingUpWhileTheNewProgramThinks() throws {
            let folder = try TemporaryFolder()
            let service = try Service.current(
                quick, command: try echo(), relevo: try installed(in: folder))
            let program = folder.file("relevod")
            let asked = folder.file("asked")
            try removeFile(program)
            try writeFile(
                program, Array("#!/bin/sh\ntouch \(asked)\nexec sleep 1000\n".utf8), mode: 0o755)
            let reexec = try service.starting("reexec")
            #expect(try eventually { try FileStatus(of: asked) != nil })
            #expect(try service.status().current == 1)
            #expect(try reexec.exit(within: .zero) == nil, "it was answered in between")
            let another = try service.relevo("reexec")
            for refused in [try reexec.finished(), another] {
                #expect(refused.exit == .code(1))
                #expect(refused.errors.last?.contains("does not say") == true, "\(refused)")
            }
            _ = try installed(in: folder)
            #expect(try service.relevo("reexec").exit == .code(0))
        }

        /// It is there when it is asked whether it can take over, and gone when it is to be executed.
        @Test func aProgramThatVanishesAtTheLastMomentIsToldAndTheOldOneGoesOn() throws {
            let folder = try TemporaryFolder()
            let service = try Service.current(
                quick, command: try echo(), relevo: try installed(in: folder))
            let load = try service.load(changingFlows)
            let program = folder.file("relevod")
            try removeFile(program)
            try writeFile(program, Array("#!/bin/sh\nrm -f \(program)\n".utf8), mode: 0o755)
            let failed = try service.relevo("reexec")
            #expect(failed.exit == .code(1))
            #expect(failed.errors.last?.contains("execute \(program)") == true, "\(failed)")
            #expect(try service.status().current == 1)
            #expect(try service.receives(200))
            _ = try installed(in: folder)
            #expect(try service.relevo("reexec").exit == .code(0))
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1), "\(result)")
        }
    }
}
