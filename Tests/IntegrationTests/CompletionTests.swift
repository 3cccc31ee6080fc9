import ControlProtocol
import Kernel
import TestKit
import Testing

/// What bash offers where a word is to be completed that only running services know.
@Suite(.ownNetwork, .needsRoot)
struct CompletionTests {
    /// The words that are offered for the last of these.
    private func offered(_ service: Service, _ words: String...) throws -> Set<String> {
        let program = try Programs.path("relevo")
        let script = """
            relevo() { "\(program)" "$@"; }
            source <("\(program)" --generate-completion-script bash)
            COMP_WORDS=("\(program)" "$@")
            COMP_CWORD=$#
            COMP_LINE="${COMP_WORDS[*]}"
            COMP_POINT=${#COMP_LINE}
            _relevo "\(program)" "${@: -1}" "${@: -2:1}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let said = try Finished.running(
            ["bash", "-c", script, "bash"] + words, environment: service.environment)
        return Set(said.output.map { $0.filter { $0 != " " } }.filter { !$0.isEmpty })
    }

    @Test func servicesAndGenerationsAreThoseThatRun() throws {
        let service = try Service.current(
            ["--name", "completed", "--listen", "udp://127.0.0.1:4433"],
            command: BindingWorker.command("serve(udp())"))
        let client = try Question(to: .loopback(port: 4433))
        #expect(try client.ask()?.hasPrefix("1.0 on") == true)
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try offered(service, "status", "").contains("completed"))
        #expect(try offered(service, "upgrade", "--name", "comp") == ["completed"])
        #expect(try offered(service, "drain", "--generation", "").isSuperset(of: ["1", "2"]))
        #expect(try offered(service, "upg") == ["upgrade"])
        let modes = try offered(service, "run", "--steering", "")
        #expect(modes.isSuperset(of: ["auto", "flow", "quic", "wireguard", "custom", "stateless"]))
    }
}
