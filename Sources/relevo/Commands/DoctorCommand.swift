import ArgumentParser
import ControlProtocol

/// `relevo doctor`
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Tells what this kernel and these privileges allow, and why.",
        discussion: """
            Tries what can be tried, and leaves nothing behind. Each line is ok, warn (it works, but \
            not as well as it could) or missing, with what to do. The exit code is 1 when a service \
            with default settings could not run here. It speaks for the user and the sandbox that \
            it runs in; for those of the unit:

              relevo doctor
              relevo doctor --json | jq -r '.[] | select(.verdict != "ok").remedy'
              systemd-run -Pq -p User=relevo -p AmbientCapabilities=CAP_BPF relevo doctor
            """)

    @Flag(help: "As a JSON array; fields may be added in later versions, none goes away.")
    var json = false

    func run() throws {
        let findings = Doctor.examine()
        if json {
            Console.say(RawJSON.indented(Array(OrderedJSON.text(findings).utf8)))
        } else {
            let width = Console.width ?? 80
            for line in findings.flatMap({ $0.lines(styled: Console.isStyled, width: width) }) {
                Console.say(line)
            }
        }
        guard findings.contains(where: \.isFatal) else { return }
        throw Failure(.failed, "a service with default settings cannot run here")
    }
}
