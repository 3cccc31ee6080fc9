import ControlProtocol
import Kernel
import TestKit
import Testing

/// Sessions of DTLS with connection ids, of a server and clients on mbedTLS that know nothing of Relevo:
/// examples/servers/programs/dtls_cid.c.
@Suite(.ownNetwork, .needsRoot, .needsFlowSteering, .needsDTLS)
struct DTLSTests {
    @Test(arguments: ["1", "2"])
    func sessionsStayWithTheirProcessWhenTheirClientsAddressChanges(workers: String) throws {
        let program = try #require(DTLSProgram.path)
        let service = try Service.current(
            [
                "--listen", "udp://127.0.0.1:5684", "--steering", "dtls-cid", "--id-length", "8",
                "--workers", workers, "--linger", "20ms",
            ], command: [program, "server", "5684"])
        // Four new ones each time, and then all that there are get another port.
        let clients = try Finished.running([
            program, "client", "5684", "3", try Programs.path("relevo"), "upgrade", "--control",
            service.control,
        ])
        #expect(clients.output == ["opened 16 of 16, kept 40 of 40"], "\(clients)")
        let rules = try #require(try service.status().listeners.first?.counters.rules)
        #expect(rules.learned == 16, "\(rules)")
        #expect(rules.guessed == 0, "\(rules)")
        #expect(rules.unknown == 0, "\(rules)")
    }
}

enum DTLSProgram {
    /// `Tests/run` has it built, with the library of Debian 13.
    static let path = Environment.value(of: "RELEVO_TEST_DTLS")
}

extension Trait where Self == ConditionTrait {
    /// Skips where no program with DTLS connection ids is named.
    static var needsDTLS: Self {
        .enabled(
            if: DTLSProgram.path != nil,
            "RELEVO_TEST_DTLS names no program (examples/servers/programs/build-dtls makes it)")
    }
}
