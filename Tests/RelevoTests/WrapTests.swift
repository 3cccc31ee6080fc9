import ArgumentParser
import Settings
import Testing

@testable import relevo

struct WrapTests {
    private func plan(
        _ start: String, _ properties: String = "", listens: [String] = [], more: String = "",
        arguments: [String] = []
    ) throws -> WrapPlan {
        let unit = InstalledUnit(
            name: "dns.service",
            properties: UnitProperties("LoadState=loaded\nType=notify\n\(properties)"),
            files: ["[Service]\nExecStart=\(start)\n\(more)"], listens: listens)
        let command = try #require(
            WrapCommand.parseAsRoot(["dns"] + arguments) as? WrapCommand)
        return try WrapPlan(
            unit, options: command.options, command: command.command, program: "/usr/bin/relevo")
    }

    private func dropIn(_ plan: WrapPlan) throws -> [Substring] {
        let file = try #require(plan.files.last, "\(plan.refusals)")
        #expect(file.path == "/etc/systemd/system/dns.service.d/relevo-wrap.conf")
        return file.text.split(separator: "\n")
    }

    private func settings(_ plan: WrapPlan) throws -> ServiceSettings {
        let file = try #require(plan.files.first, "\(plan.refusals)")
        #expect(file.path == "/etc/relevo/dns.conf")
        return try ServiceSettings.parse(
            file.text.replacing("#Command=", with: "Command=/x"), file: file.path,
            inheritsSockets: true)
    }

    @Test func theUnitsVariablesAndPrivilegesStayItsOwn() throws {
        let lines = try dropIn(
            plan("!/usr/sbin/chronyd $DAEMON_OPTS", "Type=forking\nPIDFile=/run/x"))
        #expect(
            lines.contains(
                "ExecStart=!/usr/bin/relevo run --resume --config /etc/relevo/dns.conf --name dns "
                    + "-- /usr/sbin/chronyd -n $DAEMON_OPTS"))
        #expect(
            lines.contains(
                "ExecReload=!/usr/bin/relevo upgrade dns --config /etc/relevo/dns.conf "
                    + "-- /usr/sbin/chronyd -n $DAEMON_OPTS"))
        #expect(lines.contains("PIDFile=") && lines.contains("Type=notify"))
    }

    @Test func aKnownServerHasItsSettingsAndOptionsWinOverThem() throws {
        let known = try settings(plan("/usr/sbin/unbound -d"))
        #expect(known.adopt == [.auto] && known.adoptSteering == .stateless)
        let own = try settings(
            plan("/usr/sbin/unbound -d", arguments: ["--linger", "7s", "--listen", "udp://:53"]))
        #expect(own.linger == .seconds(7) && own.adopt.isEmpty && own.listeners.count == 1)
    }

    @Test func optionsForListenersCountForThoseThatTheServerBinds() throws {
        let settings = try settings(
            plan("/usr/sbin/x", arguments: ["--steering", "stateless", "--idle-timeout", "30s"]))
        #expect(settings.adopt == [.auto] && settings.adoptSteering == .stateless)
        #expect(settings.adoptIdleTimeout == .seconds(30))
    }

    @Test func theServersWatchdogStaysAndSoDoesItsTimeToStart() throws {
        let settings = try settings(
            plan("/usr/sbin/x", "WatchdogUSec=1min\nTimeoutStartUSec=3min"))
        #expect(settings.watchdog == .seconds(60) && settings.readyTimeout == .seconds(180))
        let without = try self.settings(
            plan("/usr/sbin/x", "WatchdogUSec=infinity\nTimeoutStartUSec=1min 30s"))
        #expect(without.watchdog == nil && without.readyTimeout == ServiceSettings().readyTimeout)
    }

    @Test func aUserIsGivenWhatSteeringTakesAndNoMore() throws {
        let lines = try dropIn(
            plan("/usr/sbin/x", "User=dns\nCapabilityBoundingSet=cap_net_bind_service"))
        #expect(lines.contains("AmbientCapabilities=CAP_BPF"))
        #expect(lines.contains("CapabilityBoundingSet=CAP_BPF"))
        let free = try dropIn(plan("/usr/sbin/x", "User=dns\nCapabilityBoundingSet=cap_bpf"))
        #expect(!free.contains { $0.hasPrefix("CapabilityBoundingSet=") })
        let root = try dropIn(plan("/usr/sbin/x", "CapabilityBoundingSet=cap_bpf cap_kill"))
        #expect(root.contains("CapabilityBoundingSet=CAP_SYS_PTRACE"))
        #expect(!root.contains { $0.hasPrefix("AmbientCapabilities=") })
    }

    @Test func aSandboxIsOpenedForWhatIsMissingAlone() throws {
        let open = try dropIn(plan("/usr/sbin/x"))
        for key in [
            "SystemCallFilter", "RestrictAddressFamilies", "PrivateTmp", "PrivateUsers",
            "ProcSubset",
            "RestrictNamespaces",
        ] { #expect(!open.contains { $0.hasPrefix("\(key)=") }, "\(key)") }
        let shut = try dropIn(
            plan(
                "/usr/sbin/x",
                """
                SystemCallFilter=~mount pidfd_getfd ptrace
                RestrictAddressFamilies=AF_INET AF_INET6
                PrivateTmp=yes
                PrivateUsers=yes
                ProcSubset=pid
                RestrictNamespaces=yes
                """))
        #expect(shut.contains("SystemCallFilter=pidfd_getfd"))
        #expect(shut.contains("RestrictAddressFamilies=AF_UNIX AF_NETLINK"))
        #expect(shut.contains("PrivateTmp=no") && shut.contains("PrivateUsers=no"))
        #expect(shut.contains("ProcSubset=all"))
        #expect(!shut.contains { $0.hasPrefix("RestrictNamespaces=") })
    }

    @Test func aFolderOfItsOwnForEachGenerationTakesAMount() throws {
        let lines = try dropIn(
            plan("/usr/sbin/knotd", "User=knot\nRestrictNamespaces=yes\nSystemCallFilter=~mount"))
        #expect(lines.contains("AmbientCapabilities=CAP_BPF CAP_SYS_ADMIN"))
        #expect(
            lines.contains("RestrictNamespaces=mnt") && lines.contains("SystemCallFilter=mount"))
    }

    @Test func aNarrowFilterIsOpenedForWhatServicesDo() {
        let list = SandboxList("read write")
        #expect(list.missing(of: ["read", "bpf"]) == ["bpf"])
        #expect(SandboxList("~read").missing(of: ["read", "bpf"]) == ["read"])
        #expect(SandboxList("").missing(of: ["read"]).isEmpty)
    }

    @Test(arguments: [
        ("Type=oneshot", "no server"), ("Type=dbus", "bus"), ("Type=forking", "foreground"),
        ("DynamicUser=yes", "user of its own"), ("PrivateNetwork=yes", "NetworkNamespacePath"),
        ("RootDirectory=/srv/x", "/srv/x"), ("LoadState=masked", "unmask"),
        ("LoadState=not-found", "no such unit"),
    ])
    func whatCannotBeWrappedIsRefusedWithWhatToDo(property: String, words: String) throws {
        let plan = try plan("/opt/unknown", property)
        #expect(plan.files.isEmpty)
        #expect(plan.refusals.joined().contains(words), "\(plan.refusals)")
    }

    @Test func aGivenCommandIsTakenInThePlaceOfTheUnits() throws {
        let lines = try dropIn(
            plan("/opt/unknown", "Type=forking", arguments: ["--", "/opt/unknown", "-f", "$X y"]))
        #expect(
            lines.contains {
                $0.hasPrefix("ExecStart=/") && $0.hasSuffix("-- /opt/unknown -f \"$X y\"")
            })
    }

    @Test func socketsOfASocketUnitAreTakenAndOthersAreNot() throws {
        let udp = try settings(plan("/opt/x", listens: ["0.0.0.0:53 (Datagram)"]))
        #expect(udp.adopt.isEmpty)
        let other = try plan(
            "/opt/x", "TriggeredBy=syslog.socket",
            listens: ["/run/systemd/journal/syslog (Datagram)"])
        #expect(other.refusals.joined().contains("syslog.socket"))
    }

    @Test func severalCommandsAreRefused() throws {
        #expect(try plan("/a", more: "ExecStart=/b\n").refusals.joined().contains("ExecStart="))
        #expect(try plan("/a ; /b").refusals.joined().contains("several"))
    }

    @Test func settingsThatSomebodyHasChangedAreTold() {
        let text = Array("[Service]\n".utf8)
        #expect(WrapPlace.sumLine(text) == WrapPlace.sumLine(text))
        #expect(WrapPlace.sumLine(text) != WrapPlace.sumLine(text + [0x20]))
    }

    @Test func aUnitThatSaysSomethingElseThanWhenItWasWrappedIsTold() throws {
        func lines(_ start: String, _ more: String = "") throws -> [String] {
            try dropIn(plan(start, more: more)).map(String.init)
        }
        func facts(_ text: String) -> [String] {
            InstalledUnit(
                name: "dns.service", properties: UnitProperties(""), files: ["[Service]\n\(text)"]
            ).facts
        }
        let wrapped = try lines("/usr/sbin/x -a", "User=dns\nEnvironment=A=1")
        let same = "User=dns\nExecStart=/usr/sbin/x -a\nEnvironment=A=2\n# more\n"
        #expect(WrappedUnit.changes(of: wrapped, to: facts(same)) == [])
        #expect(WrappedUnit.notice(of: [], in: "dns.service") == nil)
        let other = "ExecStart=/usr/sbin/x -b\nPrivateTmp=yes\n"
        let changes = WrappedUnit.changes(of: wrapped, to: facts(other))
        #expect(changes == ["ExecStart", "PrivateTmp", "User"])
        #expect(
            WrappedUnit.notice(of: changes, in: "dns.service")
                == "dns.service has changed since it was wrapped (ExecStart=, PrivateTmp=, User=), and runs as it "
                + "was wrapped: relevo wrap dns && systemctl restart dns")
    }

    @Test func aCommandThatWasGivenIsKnownAtTheNextTime() throws {
        let given = ["/opt/x", "-f", "$X y"]
        let lines = try dropIn(plan("/opt/x", "Type=forking", arguments: ["--"] + given))
        #expect(WrapPlace.given(in: lines.map(String.init)) == given)
        #expect(WrapPlace.given(in: try dropIn(plan("/opt/x")).map(String.init)).isEmpty)
    }

    @Test func wrappingAgainStillTellsWhetherSettingsWereChanged() throws {
        let first = try #require(plan("/opt/x", arguments: ["--linger", "7s"]).files.last)
        let again = try #require(plan("/opt/x").files.last)
        let sum = try #require(
            first.text.split(separator: "\n").first { WrapPlace.isSumLine($0) })
        #expect(!again.text.contains(sum))
        let kept = again.keepingSum(of: first.text.split(separator: "\n").map(String.init))
        #expect(kept.text.contains(sum) && kept.text.hasSuffix("\n"))
        #expect(kept.text.split(separator: "\n").count == again.text.split(separator: "\n").count)
    }

    @Test func anInstanceIsLookedAtUnderANameOfItsOwnInstance() {
        #expect(UnitLook.name(for: "x.service", 7) == "relevo-look-7.service")
        #expect(UnitLook.name(for: "x@a.service", 7) == "relevo-look-7@a.service")
        let own = UnitProperties("Id=x.service\nType=notify\nUser=a\nOnly=x")
        let look = UnitProperties("Id=look.service\nType=forking\nUser=")
        let both = own.taking(look)
        #expect(both["Id"] == "x.service" && both["Type"] == "forking")
        #expect(both["User"] == "" && both["Only"] == "x")
    }
}
