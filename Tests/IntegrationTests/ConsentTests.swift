import TestKit
import Testing

/// Commands that cut sessions, without the name of a service.
@Suite(.ownNetwork, .needsRoot) struct ConsentTests {
    /// Runs shell text where one service, `only`, is all that runs, and stops it in the end.
    private func alone(_ text: String) throws -> [String] {
        let script = """
            mount -t tmpfs services /run/relevo || exit
            unset RUNTIME_DIRECTORY
            relevo run --name only --listen udp://127.0.0.1:4433 -- relevo-load serve >/dev/null 2>&1 &
            relevo wait only --for current --timeout 20s || exit
            person() { printf '%s\\n' "$1" | script -qec "$2" /dev/null | tr -d '\\r'; }
            \(text)
            relevo stop only --drain-timeout 0 >/dev/null 2>&1
            """
        let folder = try Programs.path("relevo").split(
            separator: "/", omittingEmptySubsequences: false
        ).dropLast().joined(separator: "/")
        let state = try TemporaryFolder()
        return try Finished.running([
            "unshare", "--mount", "env", "PATH=\(folder):/usr/sbin:/usr/bin:/sbin:/bin",
            "STATE_DIRECTORY=\(state.file("relevo/only"))", "bash", "-c",
            "mkdir -p /run/relevo; \(script)",
        ]).output
    }

    @Test func aScriptIsRefused() throws {
        let told = try alone(
            """
            for command in stop restart "drain --timeout 0"; do relevo $command </dev/null 2>&1; echo $?; done
            relevo drain --timeout 1h </dev/null 2>/dev/null; [ $? != 64 ] && relevo list --json | grep -c '"name": "only"'
            """)
        let refusals = [("stop", ""), ("restart", ""), ("drain", " --timeout 0")].flatMap {
            command, rest in
            [
                "relevo: \(command) cuts sessions and no service is named: "
                    + "write relevo \(command) only\(rest)",
                "64",
            ]
        }
        #expect(told == refusals + ["1"])
    }

    @Test func aPersonIsAskedAndMayThinkBetterOfIt() throws {
        let told = try alone(
            """
            person n 'relevo stop'
            person yes 'relevo restart'
            """)
        #expect(told.contains { $0.hasPrefix("relevo: stop 'only', which has 0 sessions? [y/N]") })
        #expect(told.contains { $0.hasSuffix("relevo: nothing is changed") }, "\(told)")
        #expect(told.contains { $0.contains("generation 2 is current") }, "\(told)")
    }
}
