import ControlProtocol
import Kernel
import TestKit
import Testing

/// What commands print with --json: one object, in the control interface's words.
@Suite(.ownNetwork) struct JSONResultTests {
    private func object<Value: Decodable>(
        _ type: Value.Type, _ service: Service, _ arguments: String...
    ) throws -> Value {
        let finished = try service.relevo(arguments)
        return try decodeJSON(type, from: Array(finished.text.utf8))
    }

    @Test func operationsAnswerAsTheSupervisorDoes() throws {
        let service = try Service.current(quick, command: try echo())
        let upgrade = try object(
            OperationReply.self, service, "upgrade", "--json", "--wait", "drained")
        #expect(upgrade.generation == 2 && upgrade.report?.result == .completed)
        #expect(upgrade.progress == nil)
        let rollback = try object(OperationReply.self, service, "rollback", "--json")
        #expect(rollback.generation == 3)
        let restart = try object(OperationReply.self, service, "restart", "--json")
        #expect(restart.generation != nil)
        let canary = try service.starting("upgrade", "--canary", "20%")
        #expect(try service.eventually { $0.generations.contains { $0.canary != nil } })
        let hold = try object(OperationReply.self, service, "hold", "--json")
        #expect(hold.generation != nil && hold.progress == nil)
        _ = try object(OperationReply.self, service, "promote", "--full", "--json")
        #expect(try canary.exit() == .code(0))
        let stop = try object(OperationReply.self, service, "stop", "--json")
        #expect(stop.report == nil)
        #expect(try service.process.exit() == .code(0))
    }

    @Test func aFailureIsTheErrorOfTheInterface() throws {
        struct Refusal: Decodable {
            struct Parameters: Decodable {
                let reason: String
                let output: [String]?
            }
            let error: String
            let parameters: Parameters
        }
        let service = try Service.current(quick, command: try echo())
        let bad = try service.relevo(
            "upgrade", "--json", "--", "/bin/sh", "-c", "echo sorry; exit 3")
        #expect(bad.exit == .code(1))
        let failure = try decodeJSON(Refusal.self, from: Array(bad.text.utf8))
        #expect(failure.error == "org.relevo.Supervisor.UpgradeFailed")
        #expect(failure.parameters.output == ["[2.0] sorry"], "\(bad)")
        #expect(failure.parameters.reason.contains("exited with status 3"))
        let hold = try service.relevo("hold", "--json")
        #expect(hold.exit == .code(1))
        let refusal = try decodeJSON(Refusal.self, from: Array(hold.text.utf8))
        #expect(refusal.error == "org.relevo.Supervisor.Refused", "\(hold)")
    }

    @Test func whatAsksNoSupervisorHasObjectsOfItsOwn() throws {
        struct Checked: Decodable {
            struct Mistake: Decodable {
                let line: Int
                let message: String
            }
            let good: Bool
            let mistakes: [Mistake]
        }
        struct Looks: Decodable {
            struct Look: Decodable {
                let up: Bool
                let status: ServiceStatus?
            }
            let services: [Look]
        }
        struct Keys: Decodable {
            struct Key: Decodable {
                let name: String
                let takesEffect: String
            }
            let keys: [Key]
        }
        let service = try Service.current(quick, command: try echo())
        let looks = try object(
            Looks.self, service, "metrics", "--json", "--control", service.control)
        #expect(looks.services.map(\.up) == [true])
        #expect(looks.services.first?.status?.current == 1)
        let file = service.folder.file("bad.conf")
        try writeFile(file, Array("[Service]\nCommand=/bin/true\nWorkers=none\n".utf8))
        let bad = try object(Checked.self, service, "check-settings", file, "--json")
        #expect(!bad.good && bad.mistakes.map(\.line).contains(3))
        let keys = try object(Keys.self, service, "check-settings", "--keys", "--json").keys
        #expect(keys.first { $0.name == "Hook" }?.takesEffect == "reload")
    }
}
