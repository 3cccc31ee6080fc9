import ControlProtocol
import FoundationEssentials
import Kernel
import TestKit
import Testing

/// A service whose supervisor is gone serves on: people see it, and can end it.
@Suite(.ownNetwork) struct LeftServiceTests {
    @Test func itIsShownAndToldHowToResumeAndToEnd() throws {
        let service = try Service.current(quick + ["--workers", "2"], command: try echo())
        let workers = try service.status().generations.first?.workers.compactMap(\.pid)
        try service.crash()
        let status = try service.relevo("status")
        #expect(status.exit == .code(69))
        let told = try #require(status.errors.first)
        #expect(told.contains("supervisor gone, 2 workers serve"), "\(told)")
        #expect(told.contains("--resume") && told.contains("relevo stop"), "\(told)")
        let list = try service.relevo("list")
        #expect(list.text.contains("supervisor gone, 2 workers serve"), "\(list.output)")
        let entries = try JSONDecoder().decode(
            [Entry].self, from: Data(service.relevo("list", "--json").text.utf8))
        let entry = try #require(entries.first { $0.control == service.control })
        #expect(entry.workers?.sorted() == workers?.sorted())
        #expect(entry.pid == nil)
        try service.resume()
        #expect(try service.line(with: "took over") != nil)
        #expect(try service.relevo("list").text.contains("generation 1 serves"))
    }

    @Test func aStopEndsItsWorkersAndLeavesNothing() throws {
        let service = try Service.current(quick, command: try echo())
        let worker = try ProcessHandle(opening: try #require(try service.worker()))
        let keeper = try ProcessHandle(opening: try service.keeper())
        try service.crash()
        let stop = try service.relevo("stop")
        #expect(stop.exit == .code(0), "\(stop.errors)")
        #expect(stop.output.last == "stopped")
        #expect(try worker.wait(for: .readable, within: .zero))
        #expect(try keeper.wait(for: .readable, within: .zero))
        #expect(try FileStatus(of: service.folder.file("run")) == nil)
        #expect(try service.relevo("status").exit == .code(69))
    }

    @Test func itsOwnWorkersAreNotAnotherProgram() throws {
        let service = try Service.current(quick, command: try echo())
        let worker = try #require(try service.worker())
        let handle = try ProcessHandle(opening: worker)
        let rival = try Service(quick, command: try echo())
        let refused = try rival.process.finished()
        #expect(refused.exit == .code(1))
        #expect(
            refused.text.contains("a worker of a service of Relevo's has it, process \(worker)"),
            "\(refused.text)")
        // Nobody is left who knows the sockets.
        let keeper = try ProcessHandle(opening: try service.keeper())
        try service.process.signal(SignalNumber.stopProcess)
        try keeper.signal(SignalNumber.kill)
        _ = try keeper.wait(for: .readable, within: .seconds(5))
        try service.crash()
        try service.resume()
        let lost = try service.process.finished()
        #expect(lost.exit == .code(1), "\(lost.text)")
        #expect(
            lost.text.contains(
                "supervisor and keeper are gone has it, process \(worker): relevo adopt \(worker)"),
            "\(lost.text)")
        // It is shown nevertheless, and can be ended.
        let gone = "supervisor and keeper gone, 1 worker serves"
        #expect(try service.relevo("list").text.contains(gone))
        let status = try service.relevo("status")
        #expect(status.exit == .code(69))
        #expect(status.errors.last?.contains("relevo adopt \(worker)") == true, "\(status.errors)")
        #expect(try service.relevo("stop").exit == .code(0))
        #expect(try handle.wait(for: .readable, within: .zero))
        #expect(try !service.relevo("list").text.contains(gone))
    }

    private struct Entry: Decodable {
        let pid: Int?
        let control: String
        let workers: [Int]?
    }
}
