import Settings
import Testing

struct ErrorTests {
    /// A line of [Service] and what is said about it.
    static let serviceLines: [(line: String, message: String)] = [
        ("Wrokers=2", "unknown key Wrokers= in [Service]; did you mean Workers=?"),
        ("workers=2", "unknown key workers= in [Service]; did you mean Workers=?"),
        ("ExecStart=/x", "unknown key ExecStart= in [Service]; here it is Command= in [Service]"),
        ("Address=udp://:1", "Address= belongs in [Listener], not in [Service]"),
        ("Workers=0", "Workers=: '0' is not a whole number from 1 to 512"),
        ("Workers=99999999999999999999", "Workers=: '99999999999999999999' is not a whole number"),
        ("Workers=-1", "Workers=: '-1' is not a whole number from 1 to 512"),
        ("Workers=1024", "Workers=: '1024' is not a whole number from 1 to 512"),
        ("Overlap=maybe", "Overlap=: 'maybe' is not yes or no"),
        ("Ready=notfy", "Ready=: 'notfy' is not a ready rule; did you mean 'notify'?"),
        ("Ready=exec:", "Ready=: exec: needs a command"),
        ("Ready=alive:x", "Ready=: 'x' is not a duration; write 250ms, 30s, 5min"),
        ("ReadyTimeout=0", "ReadyTimeout=: a duration of 0 is not allowed here"),
        ("ReadyTimeout=infinity", "ReadyTimeout=: infinity is not allowed here"),
        (
            "DrainWaitsFor=flows calls",
            "DrainWaitsFor=: 'calls' is not a kind of session; use one of "
                + "flows, connections, connected, ports, reported"
        ),
        ("DrainTimeout=1 fortnight", "DrainTimeout=: '1 fortnight' is not a duration"),
        ("Linger=-5s", "Linger=: '-5s' is not a duration"),
        ("Linger=5s 3", "Linger=: '5s 3' is not a duration"),
        ("Linger=99999999999999h", "Linger=: '99999999999999h' is not a duration"),
        ("StopSignal=TREM", "StopSignal=: 'TREM' is not a signal; did you mean 'TERM'?"),
        ("StopSignal=65", "StopSignal=: '65' is not a signal"),
        ("StopSignal=33", "StopSignal=: '33' is not a signal"),
        ("Name=a/b", "Name=: name 'a/b' is not up to 64 of a-z A-Z 0-9"),
        ("Name=..", "Name=: name '..' is not up to 64"),
        ("User=a:b", "User=: 'a:b' is not the name or number of a user or group"),
        ("EnvironmentStyle=ngnix", "did you mean 'nginx'?"),
        ("Private=tmp", "Private=: path 'tmp' is not absolute; begin it with /"),
        ("Private=/a/../b", "Private=: path '/a/../b' has a '..' in it"),
        ("WorkingDirectory=/a b", "is more than one path; quote a path that has spaces"),
        (
            "Hook=fliped /bin/x",
            "Hook=: 'fliped' is not an occasion of a hook; did you mean 'flipped'?"
        ),
        ("Hook=ready", "Hook=: ready needs a command, ready /usr/bin/tell --its-args say"),
        ("Environment=A", "Environment=: 'A' is not KEY=VALUE"),
        ("Environment=1A=2", "Environment=: '1A' is not a variable's name"),
        ("Command=\"open", "Command=: the quote \" is not closed"),
        ("Command=a \\q", "Command=: unknown escape \\q; write \\\\ for a backslash"),
        ("Command=a\\x00", "Command=: a NUL byte cannot be part of a word"),
        ("Command=a\\xff", "Command=: an escape makes bytes that are not UTF-8"),
        ("Command=a\\xg0", "Command=: \\x needs 2 digits of base 16"),
        ("Command=a\\777", "Command=: an octal escape is above \\377"),
        ("Command=a\\ud800", "Command=: an escape names no Unicode character"),
        ("nonsense", "'nonsense' is neither a [Section] nor Key=value"),
        ("[Listner]", "unknown section [Listner]; did you mean [Listener]?"),
        ("[Unit]", "unknown section [Unit]; use [Service] or [Listener]"),
        ("[Listener", "the section header '[Listener' does not end in ]"),
    ]

    @Test(arguments: serviceLines)
    func aWrongLineOfTheServiceIsNamedWithItsNumber(line: String, message: String) {
        let found = errors("[Service]\nCommand=/bin/x\n\(line)\n[Listener]\nAddress=udp://:53\n")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("test.conf:3: ") == true)
        #expect(found.first?.contains(message) == true, "\(found)")
    }

    static let listenerLines: [(line: String, message: String)] = [
        ("Workers=1", "Workers= belongs in [Service], not in [Listener]"),
        (
            "Steering=tftp",
            "Steering=: 'tftp' is not a steering mode; use one of auto, flow, quic, dtls-cid, nebula"
        ),
        ("Steering=flows", "Steering=: 'flows' is not a steering mode; did you mean 'flow'?"),
        ("IdleTimeout=0s", "IdleTimeout=: a duration of 0 is not allowed here"),
        ("MaxFlows=1M", "MaxFlows=: '1M' is not a whole number"),
        ("ReceiveBuffer=2T", "ReceiveBuffer=: '2T' is not a size; write 64K, 8M or 1G"),
        ("ReceiveBuffer=2G", "ReceiveBuffer=: size '2G' is outside 1 to 1G"),
        ("Name=a:b", "Name=: listener name 'a:b' is not up to 255 visible ASCII"),
        ("Address=127.0.0.1:53", "address '127.0.0.1:53' names no transport; write udp://"),
        ("Address=sctp://127.0.0.1:53", "'sctp' is neither udp nor tcp"),
        ("Address=udp://127.0.0.1", "address 'udp://127.0.0.1' has no port"),
        ("Address=udp://[::1]", "address 'udp://[::1]' has no port"),
        ("Address=udp://127.0.0.1:0", "port '0' is not from 1 to 65535"),
        ("Address=udp://127.0.0.1:65536", "port '65536' is not from 1 to 65535"),
        ("Address=udp://::1:53", "an IPv6 address stands in brackets, [::1]"),
        (
            "Address=udp://localhost:53",
            "'localhost' is not an address; write one such as 127.0.0.1"
        ),
        ("Address=udp://127.0.0.01:53", "'127.0.0.01' is not an address"),
        ("Address=udp://[1::2::3]:53", "[1::2::3] is not an IPv6 address"),
        ("Address=udp://[fe80::1%]:53", "[fe80::1%] is not an IPv6 address"),
        ("Address=udp://0.0.0.0%:53", "'' is not the name of an interface"),
        ("Address=udp://[::]%a/b:53", "'a/b' is not the name of an interface"),
    ]

    @Test(arguments: listenerLines)
    func aWrongLineOfAListenerIsNamedWithItsNumber(line: String, message: String) {
        let found = errors(smallest + line + "\n")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("test.conf:5: ") == true)
        #expect(found.first?.contains(message) == true, "\(found)")
    }

    @Test func allErrorsAreFoundInTheOrderOfTheirLines() {
        let found = errors("Stray=1\n[Service]\nWorkers=x\n\u{0}\n[Listener]\nMaxFlows=0\n")
        #expect(
            found.map { $0.prefix(12) } == [
                "test.conf:1:", "test.conf:3:", "test.conf:4:", "test.conf:6:",
            ])
    }

    @Test func whatIsMissingIsSaid() {
        #expect(
            errors("") == [
                "test.conf:1: there is no command; set Command= in [Service], or write it after --",
                "test.conf:1: there is no listener; add [Listener] with Address=,"
                    + " or --listen udp://[::]:53, or have what the server binds taken over: "
                    + "Adopt=, --adopt auto",
            ])
        #expect(
            errors(smallest + "[Listener]\nMaxFlows=5\n") == [
                "test.conf:5: [Listener] has no Address=; write Address=udp://[::]:53 say"
            ])
    }

    @Test func whatContradictsIsSaidAtTheListener() {
        #expect(
            errors(smallest + "[Listener]\nAddress=tcp://:1\nSteering=flow\n") == [
                "test.conf:5: Steering=flow is for udp; tcp://[::]:1 takes stateless or auto"
            ])
        #expect(
            errors(smallest + "[Listener]\nAddress=tcp://:1\nSteering=quic\n") == [
                "test.conf:5: Steering=quic is for udp; tcp://[::]:1 takes stateless or auto"
            ])
        #expect(
            errors(smallest + "[Listener]\nAddress=udp://127.0.0.1:53\n") == [
                "test.conf:5: listener udp://127.0.0.1:53 is declared twice; remove one"
            ])
        #expect(
            errors(smallest + "Name=a\n[Listener]\nName=a\nAddress=udp://:1\n") == [
                "test.conf:6: two listeners are named 'a'; rename one"
            ])
    }

    @Test func aServiceThatInheritsItsSocketsNeedsNoListener() throws {
        let text = "[Service]\nCommand=/bin/server\n"
        let settings = try ServiceSettings.parse(text, file: "a", inheritsSockets: true)
        #expect(settings.listeners.isEmpty)
    }

    @Test func bytesThatAreNotTextAreNamedWithTheirLine() {
        let source = SettingsSource(file: "a", bytes: Array("[Service]\nName=".utf8) + [0xff])
        #expect(errors([source]).first == "a:2: the line is not UTF-8 text; save the file as UTF-8")
    }
}
