import Testing

@testable import Systemd

@Suite struct ManagerTests {
    @Test(arguments: [
        ("0::/system.slice/dns.service", ManagerKind.system),
        ("0::/system.slice/system-relevo.slice/relevo@dns.service/sub", .system),
        ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/dns.service", .user),
        ("0::/user.slice/user-1000.slice/user@1000.service/init.scope", .system),
        ("0::/user.slice/user-1000.slice/session-3.scope", .system),
        ("4:cpu:/a.service\n1:name=systemd:/system.slice/dns.service\n0::/", .system),
        ("0::/../../system.slice/dns.service", .system),
    ])
    func theControlGroupTellsWhoseProcessItIs(_ text: String, _ kind: ManagerKind) {
        #expect(ManagerKind.of(controlGroups: text + "\n") == kind)
    }

    @Test(arguments: ["0::/", "0::/docker/4711", "", "nonsense", "3:cpu:/a.service\n0::/"])
    func aProcessThatSystemdDidNotStartHasNoManager(_ text: String) {
        #expect(ManagerKind.of(controlGroups: text) == nil)
    }

    @Test(arguments: [
        ("stop", UnitJob.stop), ("restart", .restart), ("try-restart", .restart),
        ("start", .start), ("reload", .reload), ("verify-active", .other("verify-active")),
    ])
    func aJobIsKnownByItsType(_ type: String, _ job: UnitJob) {
        #expect(UnitJob(type: type) == job)
    }
}
