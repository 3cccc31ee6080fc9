import Kernel
import TestKit
import Testing

@testable import ControlClient

/// What `-H` takes, and how ssh is called for it.
struct RemoteHostTests {
    private func words(_ text: String, ssh: String? = nil, _ arguments: String...) throws
        -> [String]
    {
        try RemoteHost(text).command(arguments, ssh: ssh)
    }

    @Test func userHostAndPortAreToldApart() throws {
        #expect(try words("dns1", "bridge") == ["ssh", "-T", "dns1", "relevo bridge"])
        #expect(
            try words("admin@dns1:2222", "bridge")
                == ["ssh", "-T", "-p", "2222", "admin@dns1", "relevo bridge"])
        #expect(
            try words("[2001:db8::1]:22", "bridge")
                == ["ssh", "-T", "-p", "22", "2001:db8::1", "relevo bridge"])
        #expect(try words("a@2001:db8::1")[2] == "a@2001:db8::1")
    }

    @Test(arguments: [
        "", "-oProxyCommand=x", "me@-oProxyCommand", "-l@host", "@host", "me@", "host:", "host:0",
        "host:65536", "host:ssh", "a b", "host\n", "ho;st", "$(id)", "a`id`", "[::1", "[::1]22",
        "hös",
        ":22",
    ])
    func whatIsNoHostIsRefused(_ text: String) {
        #expect(throws: RemoteHost.Mistake.self) { try RemoteHost(text) }
    }

    @Test func anotherSSHHasItsOptionsBetweenBlanks() throws {
        #expect(
            try words("h", ssh: "/usr/bin/ssh -F  /a/b", "bridge").prefix(4)
                == ["/usr/bin/ssh", "-F", "/a/b", "-T"])
        #expect(try words("h", ssh: "", "bridge").first == "ssh")
    }

    @Test(arguments: [
        "a'b", "'", "''", "\"", "$(touch x)", "`id`", "a;b", "a b", "", "*", "\\", "a\nb", "-x",
        "~", "é",
    ])
    func aShellTakesEachWordAsItIs(_ word: String) throws {
        let line =
            "printf '%s|' " + RemoteHost.quoted("--name=\(word)") + " "
            + RemoteHost.quoted(word)
        let said = try Finished.running(["/bin/sh", "-c", line])
        #expect(said.text == "--name=\(word)|\(word)|", "\(line)")
    }

    @Test func theHostIsTakenFromItsOptionAlone() {
        #expect(RemoteHost.text(in: ["status", "-H", "h"]) == "h")
        #expect(RemoteHost.text(in: ["--host", "h", "status"]) == "h")
        #expect(RemoteHost.text(in: ["status", "--host=h"]) == "h")
        #expect(RemoteHost.text(in: ["upgrade", "--", "server", "-H", "h"]) == nil)
        #expect(RemoteHost.text(in: ["status", "-H"]) == nil)
    }
}
