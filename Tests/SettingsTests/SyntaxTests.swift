import Settings
import Testing

struct SyntaxTests {
    @Test func everyKeyIsRead() throws {
        let settings = try parse(
            """
            # a comment
            ; another
            [Service]
            Name=dns
            Command=/bin/server --flag "two words" 'it''s' \\
                # a comment in between
                last\\x20one
            Workers = 4
            SocketsPerWorker=2
            Ready=alive:2s
            ReadyTimeout=1min 30s
            Overlap=no
            DrainTimeout=infinity
            Linger=0
            StopSignal=SIGINT
            StopTimeout=5
            DrainSignal=usr1
            User=nobody
            Group=65534
            ControlGroup=adm
            EnvironmentStyle=nginx listen-fds
            EnvironmentStyle=server-starter
            NonBlocking=yes
            Watchdog=20s
            Private=/run//server/ "/var/lib/my server"
            WorkingDirectory="/srv/a b"
            Environment=A=1 "B=two words"
            Environment=C=x=y A=2

            [Listener]
            Address=udp://[2001:DB8:0:0::1]:853
            Name=quic
            Steering=auto
            IdleTimeout=5min
            MaxFlows=1000
            ReceiveBuffer=64K
            [Listener]
            Address=tcp://:853
            Backlog=16
            """)
        #expect(settings.name == "dns")
        #expect(settings.command == ["/bin/server", "--flag", "two words", "its", "last one"])
        #expect(settings.workers == 4 && settings.socketsPerWorker == 2)
        #expect(settings.ready == .alive(.seconds(2)))
        #expect(settings.readyTimeout == .seconds(90))
        #expect(!settings.overlap)
        #expect(settings.drainTimeout == .infinity)
        #expect(settings.linger == .zero)
        #expect(settings.stopSignal.description == "INT")
        #expect(settings.stopTimeout == .seconds(5))
        #expect(settings.drainSignal?.number == 10)
        #expect(settings.user == "nobody" && settings.group == "65534")
        #expect(settings.controlGroup == "adm")
        #expect(settings.environmentStyles == [.nginx, .serverStarter])
        #expect(settings.nonBlocking)
        #expect(settings.watchdog == .seconds(20))
        #expect(settings.privatePaths == ["/run/server", "/var/lib/my server"])
        #expect(settings.workingDirectory == "/srv/a b")
        #expect(settings.environment == ["A": "2", "B": "two words", "C": "x=y"])
        #expect(
            settings.listeners.map(\.address.description) == [
                "udp://[2001:db8::1]:853", "tcp://[::]:853",
            ])
        #expect(settings.listeners.map(\.name) == ["quic", nil])
        #expect(settings.listeners[0].steering == .auto)
        #expect(settings.listeners[0].idleTimeout == .seconds(300))
        #expect(settings.listeners[0].maxFlows == 1000)
        #expect(settings.listeners[0].receiveBuffer == 65536)
        #expect(settings.listeners[1].backlog == 16)
    }

    @Test func anEmptyValuePutsTheDefaultBack() throws {
        let text = smallest.replacing(
            "[Listener]",
            with: "Workers=3\nWorkers=\nPrivate=/a\nPrivate=\nPrivate=/b\nUser=x\nUser=\n[Listener]"
        )
        let settings = try parse(text)
        #expect(settings.workers == 1)
        #expect(settings.privatePaths == ["/b"])
        #expect(settings.user == nil)
    }

    @Test func carriageReturnsAndAByteOrderMarkAreLetPass() throws {
        let text = "\u{feff}" + smallest.replacing("\n", with: "\r\n")
        #expect(try parse(text) == parse(smallest))
    }

    @Test func sectionsAndKeysThatBeginWithXAreSomebodyElses() throws {
        let text = "[X-Site]\nAnything=1\n" + smallest + "X-Note=mine\n"
        #expect(try parse(text) == parse(smallest))
    }

    @Test func aFileThatEndsInABackslashStillCounts() throws {
        #expect(try parse(smallest + "IdleTimeout=5s\\").listeners[0].idleTimeout == .seconds(5))
    }

    @Test(arguments: [
        ("auto", ReadyRule.auto), ("notify", .notify), ("alive:250ms", .alive(.milliseconds(250))),
        ("exec:/bin/check 'a b'", .exec(["/bin/check", "a b"])),
    ])
    func readyRulesAreRead(text: String, rule: ReadyRule) throws {
        #expect(try parse("[Service]\nReady=\(text)\n" + smallest).ready == rule)
    }
}
