import Testing

@testable import Settings

struct KnownServerTests {
    @Test func theTableHasWhatWeSayItHas() {
        let programs = Set(KnownServer.all.flatMap(\.programs))
        for program in [
            "unbound", "named", "dnsmasq", "turnserver", "kamailio", "freeradius", "chronyd",
            "nginx",
            "dnsdist", "pdns_recursor", "knotd", "kresd", "nsd", "rsyslogd", "openvpn", "haproxy",
        ] { #expect(programs.contains(program), "\(program)") }
        #expect(programs.count == KnownServer.all.flatMap(\.programs).count, "one is there twice")
    }

    @Test func whatTheTableSetsAreSettings() throws {
        for server in KnownServer.all {
            var draft = SettingsDraft()
            draft.setCommand(["/bin/server"])
            try draft.set("Adopt", to: "auto")
            for line in server.settings { try draft.set(line.key, to: line.value) }
            _ = try draft.finished()
        }
    }

    @Test(arguments: [
        ("/usr/sbin/unbound -d -p $DAEMON_OPTS", "/usr/sbin/unbound -d -p $DAEMON_OPTS"),
        ("/usr/sbin/unbound $DAEMON_OPTS", "/usr/sbin/unbound -d $DAEMON_OPTS"),
        ("/usr/sbin/chronyd $DAEMON_OPTS", "/usr/sbin/chronyd -n $DAEMON_OPTS"),
        (
            "/usr/sbin/nginx -g 'daemon on; master_process on;'",
            "/usr/sbin/nginx -g 'daemon off; master_process on;'"
        ),
        (
            "/usr/sbin/kamailio -P /run/k.pid -f $CFGFILE",
            "/usr/sbin/kamailio -DD -f $CFGFILE"
        ),
        ("/usr/sbin/openvpn --daemon ovpn-%i --cd /x", "/usr/sbin/openvpn --cd /x"),
        ("/usr/sbin/knotd -d -c x", "/usr/sbin/knotd -c x"),
    ])
    func aCommandStaysInTheForeground(unit: String, wanted: String) throws {
        let words = try UnitCommand(parsing: unit).words
        let server = try #require(KnownServer.of(words))
        #expect(try server.inForeground(words) == UnitCommand(parsing: wanted).words)
        // Once more changes nothing.
        #expect(server.inForeground(server.inForeground(words)) == server.inForeground(words))
    }

    @Test func aScriptThatStartsAServerIsKnownByItsWholePath() {
        #expect(
            KnownServer.of(["/usr/share/dnsmasq/systemd-helper", "exec"])?.name
                == "dnsmasq of Debian")
        #expect(KnownServer.of(["/opt/systemd-helper", "exec"]) == nil)
        #expect(KnownServer.of(["/opt/mine"]) == nil && KnownServer.of([]) == nil)
    }

    @Test(arguments: [
        ("Program=a", "before every section"), ("[a]\nNothing=1", "Nothing"),
        ("[a]\nReplace=x", "two words"), ("[a]\nReplace=\"\" x", "two words"),
    ])
    func aMistakeInTheTableIsTold(text: String, words: String) {
        let error = #expect(throws: SettingsErrors.self) {
            try KnownServer.read(Array(text.utf8))
        }
        #expect(
            error?.errors.first?.description.contains(words) == true, "\(String(describing: error))"
        )
    }
}
