import Foundation
import Kernel
import TestKit
import Testing

@testable import relevo

struct DoctorTests {
    @Test func anOldKernelCannotRunAService() {
        #expect(Doctor.kernel(release: "5.4.0-42-generic").isFatal)
        #expect(Doctor.kernel(release: "5.10.0-33-amd64").verdict == .warn)
        #expect(Doctor.kernel(release: "6.1.0").found.contains("searched for one by one"))
        #expect(Doctor.kernel(release: "6.18.44-x").verdict == .ok)
        #expect(Doctor.kernel(release: "10.0").verdict == .ok)
        #expect(Doctor.kernel(release: "?").isFatal)
    }

    @Test func whatIsCappedIsWarnedOfWithTheCure() {
        let small = Doctor.receiveBuffer(granted: 212_992, of: 8 << 20)
        #expect(small.verdict == .warn && small.remedy?.contains("8388608") == true)
        #expect(Doctor.receiveBuffer(granted: 8 << 20, of: 8 << 20).verdict == .ok)
        #expect(Doctor.openFiles(limit: 256).verdict == .warn)
        #expect(Doctor.openFiles(limit: .max).found == "no limit")
    }

    @Test func lowPortsAreOpenByPrivilegeOrForAll() {
        #expect(Doctor.lowPorts(first: 1024, isPrivileged: true).verdict == .ok)
        #expect(Doctor.lowPorts(first: 1024, isPrivileged: false).verdict == .warn)
        #expect(Doctor.lowPorts(first: 0, isPrivileged: false).verdict == .ok)
    }

    @Test func theServiceManagerIsJudgedByItsVersion() {
        func verdict(_ version: String?) -> Finding.Verdict {
            Doctor.serviceManager(isRunning: true, version: version).verdict
        }
        #expect(verdict("systemd 252 (252.39-1~deb12u2)") == .ok)
        #expect(verdict("systemd 245 (245.4)") == .warn && verdict(nil) == .warn)
        #expect(Doctor.serviceManager(isRunning: false, version: nil).verdict == .warn)
    }

    @Test func theProgramSaysTheSameToPeopleAndPrograms() throws {
        let folder = try TemporaryFolder()
        let environment = Environment.strings() + ["RUNTIME_DIRECTORY=\(folder.path)"]
        let people = try Program.run("doctor", environment: environment)
        let programs = try Program.run("doctor", "--json", environment: environment)
        #expect(people.exit == programs.exit)
        struct Told: Decodable { let id, subject, verdict, found: String }
        let told = try JSONDecoder().decode(
            [Told].self, from: Data(programs.output.joined(separator: "\n").utf8))
        #expect(Set(told.map(\.id)).count == told.count && told.count >= 12)
        let lines = people.output.filter { !$0.hasPrefix(" ") }
        #expect(lines.count == told.count)
        for (line, finding) in zip(lines, told) {
            #expect(line.hasPrefix(finding.verdict) && line.contains("  \(finding.subject) "))
        }
        #expect(told.contains { $0.id == "runtimeFolder" && $0.found == folder.path })
    }

    @Test(.needsFlowSteering) func withCapBPFFlowSteeringIsFound() {
        #expect(Doctor.flowSteering().verdict == .ok)
        #expect(!Doctor.flowSteering().isFatal)
    }

    @Test(.enabled(if: Doctor.has(.setUser), "needs CAP_SETUID to give privileges up"))
    func withoutPrivilegesTheDefaultServiceCannotRun() throws {
        let program = try TestProcess(
            [
                "/usr/bin/setpriv", "--bounding-set=-all", "--inh-caps=-all",
                "--securebits=+noroot", "\(Program.folder)/relevo", "doctor",
            ], environment: ["RUNTIME_DIRECTORY=/run/x"], separateErrors: true)
        #expect(try program.errors.rest().first?.contains("cannot run here") == true)
        let lines = try program.output.rest()
        #expect(
            lines.contains { $0.hasPrefix("missing  steering: flow") && $0.contains("CAP_BPF") })
        #expect(lines.contains { $0.contains("steering: stateless") && $0.contains("classic BPF") })
        #expect(try program.exit() == .code(1))
    }
}
