import ControlProtocol
import Kernel
import TestKit
import Testing

/// An upgrade that the clients of some networks get first. Load comes from 127.1.0.0 on, questions from 127.0.0.1.
@Suite(.ownNetwork, .needsFlowSteering) struct CanaryNetworkTests {
    /// Flows are counted, however long it takes to ask.
    private static let lasting = quick + ["--idle-timeout", "1min", "--drain-timeout", "2s"]
    private static let clients = changingFlows + ["--expect-rollback"]

    private func isInStep(_ service: Service, _ step: Int) throws -> Bool {
        try service.eventually {
            $0.generations.last?.canary?.step == step && $0.generations.last?.state == .canary
        }
    }

    /// So many new flows from 127.0.0.1.
    private func come(_ flows: Int) throws {
        for _ in 0..<flows { try Question(to: .loopback(port: 4433)).say("?") }
    }

    private func has(_ flows: Int, _ service: Service, _ generation: Int) throws -> Bool {
        try service.eventually(generation) { $0.flows == flows }
    }

    @Test(arguments: [["--canary", "50%"], []])
    func itsClientsComeFirst(_ shares: [String]) throws {
        let service = try Service.current(Self.lasting, command: try echo())
        let load = try service.load(Self.clients)
        let old = try Question(to: .loopback(port: 4433))
        try old.say("?")
        let upgrade = try service.starting(
            ["upgrade", "--canary-net", "127.0.0.0/16", "--canary-net", "2001:db8::/32"] + shares)
        #expect(try isInStep(service, 1))
        let status = try #require(try service.generation(2)?.canary)
        #expect(status.share == 0 && status.steps == (shares.isEmpty ? 1 : 2))
        #expect(status.networks == ["127.0.0.0/16", "2001:db8::/32"])
        let shown = try service.relevo("status")
        #expect(
            shown.text.contains("clients of 127.0.0.0/16, 2001:db8::/32, step 1 of"), "\(shown)")
        // Whose session is old stays where he is.
        try come(20)
        try old.say("?")
        #expect(try has(20, service, 2))
        // Nobody of the load is of the networks.
        #expect(try service.receives(500))
        #expect(try service.generation(2)?.flows == 20)
        #expect(try service.relevo("promote").succeeded)
        if !shares.isEmpty {
            #expect(try isInStep(service, 2))
            #expect(try service.eventually(2) { $0.flows > 100 })
            #expect(try service.relevo("promote").succeeded)
        }
        let finished = try upgrade.finished()
        #expect(finished.succeeded, "\(finished)")
        #expect(
            finished.output.contains {
                $0.contains("gets the new flows of the clients of 127.0.0.0/16, 2001:db8::/32")
            }, "\(finished)")
        let result = try load.stopped()
        #expect(result.isAnswered(by: 1, 2), "\(result)")
        let history = try service.relevo("history", "2")
        #expect(
            history.text.contains("new flows of the clients of 127.0.0.0/16, 2001:db8::/32 go to"),
            "\(history)")
    }

    @Test(arguments: ["flow", "stateless"])
    func aCheckThatFailsGivesTheirNewFlowsBack(_ mode: String) throws {
        let service = try Service.current(quick + ["--steering", mode], command: try echo())
        let load = try service.load(
            mode == "flow" ? Self.clients : changingFlows + ["--stateless", "--expect-rollback"])
        let upgrade = try service.relevo(
            "upgrade", "--canary-net", "127.0.0.0/8", "--step", "500ms", "--check",
            "exec:/bin/sh -c 'echo \"$RELEVO_SHARE $RELEVO_NETWORKS\"; exit 1'")
        #expect(upgrade.exit == .code(1))
        #expect(
            upgrade.errors.first?.contains("its check failed: ended with code 1: 0% 127.0.0.0/8")
                == true, "\(upgrade)")
        #expect(try service.status().current == 1)
        #expect(try service.ended(2))
        let result = try load.stopped()
        #expect(result.isAnswered(by: 1, 2), "\(result)")
    }

    @Test func itGoesOnUnderTheNextSupervisor() throws {
        let service = try Service.current(Self.lasting, command: try echo())
        let load = try service.load(Self.clients)
        let upgrade = ["upgrade", "--no-wait", "--canary-net", "127.0.0.1", "--canary", "30%"]
        #expect(try service.relevo(upgrade).succeeded)
        #expect(try isInStep(service, 1))
        try service.succeed()
        #expect(try isInStep(service, 1))
        try come(5)
        #expect(try has(5, service, 2))
        #expect(try service.relevo("abort").succeeded)
        #expect(try service.ended(2))
        let result = try load.stopped()
        #expect(result.isAnswered(by: 1), "\(result)")
    }

    @Test func whatIsNoNetworkIsRefused() throws {
        let service = try Service.current(quick, command: try echo())
        let wrong = try service.relevo("upgrade", "--canary-net", "127.0.0.1/8")
        #expect(wrong.exit == .code(64))
        #expect(
            wrong.errors.contains { $0.contains("the network is 127.0.0.0/8") }, "\(wrong)")
        let many = try service.relevo(
            ["upgrade"] + (0..<65).flatMap { ["--canary-net", "10.0.0.\($0)"] })
        #expect(many.exit == .code(64) && many.errors.last?.contains("64 is the most") == true)
        #expect(try service.status().generations.count == 1)
    }
}
